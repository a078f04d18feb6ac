#!/usr/bin/env python3
"""Holds the documents to what is there: every relative link leads to a file (and a heading), every page that the
sources name exists, and every shell example that is marked as executable runs.

Examples stand in fenced blocks:

    ```sh run       is run in a fresh folder with the files of tests/docs/files; `attune` is the binary
    ```sh served    is run while a server serves var/shops; http://127.0.0.1:8080 is that server, and $KEY and
                    $ADMIN_KEY are keys of the store `myshop`

Blocks of one page run in their order with `sh -e`; curl fails on an error answer.  A last line "#=> text" says what
the output must hold.

Usage: docs_test.py ATTUNE_BINARY
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
EXAMPLES_MIN = 6  # So that a typing error in the marks cannot switch the examples off.

breaks = []


def anchors(page):
    """The anchors that a page's headings get."""
    names = set()
    for line in page.read_text().splitlines():
        heading = re.match(r"#+ (.*)", line)
        if heading:
            plain = re.sub(r"[^\w\- ]", "", heading[1].lower())
            names.add(plain.replace(" ", "-"))
        names.update(re.findall(r'(?:id|name)="([^"]+)"', line))
    return names


def check_links(page):
    text = re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", page.read_text(), flags=re.S))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            breaks.append(f"{page.relative_to(ROOT)}: no such file: {target}")
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            breaks.append(f"{page.relative_to(ROOT)}: no such heading: {target}")


def check_named_pages():
    """Pages that sources, scripts and pages name in passing."""
    files = [*ROOT.glob("src/**/*.h"), *ROOT.glob("src/**/*.cc"), *ROOT.glob("tests/**/*.h"), *PAGES]
    for file in files:
        for name in re.findall(r"(?<![\w/.])docs/[\w/.-]+\.(?:md|json)", file.read_text()):
            if not (ROOT / name).exists():
                breaks.append(f"{file.relative_to(ROOT)}: names {name}, which is not there")


def examples(page):
    for block in re.finditer(r"^```sh (run|served)\n(.*?)^```$", page.read_text(), flags=re.S | re.M):
        yield block[1], block[2]


class Folder:
    """A fresh folder with a server when it is asked for."""

    def __init__(self, binary):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="attune-docs-"))
        for file in (ROOT / "tests/docs/files").iterdir():
            shutil.copy(file, self.path)
        bin_folder = self.path / "bin"
        bin_folder.mkdir()
        (bin_folder / "attune").symlink_to(binary)
        (self.path / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")
        self.environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(self.path),
                            "CURL_HOME": str(self.path)}
        self.server = None
        self.port = None

    def serve(self):
        if self.server:
            return
        data = str(self.path / "var/shops")
        if not (self.path / "var/shops/myshop").exists():
            self.run("attune import products --data var/shops --store myshop products.csv")
        for name, scopes in (("KEY", ["read", "write"]), ("ADMIN_KEY", ["read", "write", "admin"])):
            flags = [flag for scope in scopes for flag in ("--scope", scope)]
            made = subprocess.run(["attune", "keys", "create", "--data", data, "--store", "myshop", "--label", name,
                                   *flags], env=self.environment, capture_output=True, text=True, check=True)
            self.environment[name] = re.search(r"\S{30,}", made.stdout)[0]
        self.server = subprocess.Popen(["attune", "serve", "--data", data, "--port", "0", "--log-level", "off"],
                                       env=self.environment, stdout=subprocess.PIPE, text=True)
        line = self.server.stdout.readline()
        assert line.startswith("attune serves"), f"the server did not start: {line!r}"
        self.port = line.split("http://127.0.0.1:")[1].split()[0]

    def run(self, script):
        if self.port:
            script = script.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}")
        return subprocess.run(["sh", "-e", "-c", script], cwd=self.path, env=self.environment, capture_output=True,
                              text=True, timeout=60)

    def close(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
        shutil.rmtree(self.path)


def run_examples(page, binary):
    found = list(examples(page))
    if not found:
        return 0
    folder = Folder(binary)
    try:
        for mark, script in found:
            if mark == "served":
                folder.serve()
            expected = re.findall(r"^#=> (.*)$", script, flags=re.M)
            ran = folder.run(script)
            output = ran.stdout + ran.stderr
            if ran.returncode != 0:
                breaks.append(f"{page.relative_to(ROOT)}: the example fails ({ran.returncode}):\n{script}{output}")
            for text in expected:
                if text not in output:
                    breaks.append(f"{page.relative_to(ROOT)}: the example does not say {text!r}:\n{script}{output}")
    finally:
        folder.close()
    return len(found)


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    for page in PAGES:
        check_links(page)
    check_named_pages()
    count = sum(run_examples(page, binary) for page in PAGES)
    if count < EXAMPLES_MIN:
        breaks.append(f"only {count} executable examples were found")
    for text in breaks:
        print(text)
    print(f"docs: {len(PAGES)} pages, {count} examples, {len(breaks)} breaks")
    return 1 if breaks else 0


if __name__ == "__main__":
    sys.exit(main())
