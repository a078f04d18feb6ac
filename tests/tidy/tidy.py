#!/usr/bin/env python3
"""Holds the sources to the rules that a machine can see.  Prints each break as file:line: rule, and fails if any.

Rules: the layers of rooms (read from ROOMS, which must agree with src/CMakeLists.txt), line and function and file
lengths, banned names and calls, headers that open with their contract, Markdown files with one title, and nothing that
tells where or how the project is developed.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# From the ground up.  A room may include itself and rooms above it in this list.
ROOMS = ["base", "text", "expressions", "storage", "catalog", "events", "features", "models", "experiments", "decisions",
         "recommend", "search", "offers", "campaigns", "pages", "audit", "http", "server", "cli"]
TOUCHPOINTS = {"recommend", "search", "offers", "campaigns", "pages"}  # On one row: none includes another.

LINE_COLUMNS_MAX = 110
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600

# file:function -> reason.  Keep it short; a long list means that the rule or the code is wrong.
LONG_FUNCTIONS = {}

BANNED_NAMES = re.compile(r"(^|[_/])(utils?|helpers?|common|managers?)([_./]|$)")
BANNED_CALLS = [
    (re.compile(r"\bs?rand\s*\("), "rand()"),
    (re.compile(r"(?<![\w.>:])time\s*\(\s*(NULL|nullptr|0)?\s*\)"), "time()"),
    (re.compile(r"\bsleep_for\b|\busleep\b|(?<![\w_])sleep\s*\("), "sleep"),
    (re.compile(r"_clock::now\s*\("), "a clock's now()"),
    (re.compile(r"^\s*throw\b"), "throw"),
    # clang warns of what libstdc++ 12 calls in them; the place as a last key says the same.
    (re.compile(r"\bstd::(stable_sort|stable_partition|inplace_merge)\b"), "a stable algorithm that clang warns of"),
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "an unfinished mark"),
]
FORBIDDEN_TEXT = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root|home/\w+)/")

breaks = []


def report(path, line, rule):
    breaks.append(f"{path.relative_to(ROOT)}:{line}: {rule}")


def tracked_files():
    # safe.directory: in a container the folder often belongs to another user than the one who runs this.
    listing = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT),
                              "ls-files", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*")  # No history: a folder without git.
            if path.is_file() and path.relative_to(ROOT).parts[0] not in {".git", "build", "var"}]


def check_layers(path, lines):
    room = path.relative_to(ROOT / "src").parts[0]
    if room not in ROOMS:
        report(path, 1, f"unknown room '{room}'")
        return
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#include "([^/"]+)/', line)
        if not include or include[1] not in ROOMS:
            continue
        other = include[1]
        if ROOMS.index(other) > ROOMS.index(room) or (other != room and {other, room} <= TOUCHPOINTS):
            report(path, number, f"room '{room}' may not include room '{other}'")


def check_functions(path, lines):
    """A function body is what lies between a line that ends in '{' at column 0 or 2 scope and its closing brace."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            if re.match(r"^(\S.*\)|\S.*\) (const|noexcept|override)( \w+)*|    .*\)( const| noexcept)?) \{$", line) \
                    and not line.startswith(("namespace", "class", "struct", "enum")) and not line.startswith("    "):
                start = number
        elif line.startswith("}"):
            if number - start > FUNCTION_LINES_MAX and f"{path.name}:{start}" not in LONG_FUNCTIONS:
                report(path, start, f"function of {number - start} lines (at most {FUNCTION_LINES_MAX})")
            start = None


def check_source(path, text):
    lines = text.splitlines()
    relative = str(path.relative_to(ROOT))
    if len(lines) > FILE_LINES_MAX:
        report(path, 1, f"{len(lines)} lines (at most {FILE_LINES_MAX})")
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX and "http" not in line and not line.lstrip().startswith('R"'):
            report(path, number, f"{len(line)} columns (at most {LINE_COLUMNS_MAX})")
    if relative.startswith("src/"):
        check_layers(path, lines)
        check_functions(path, lines)
        for number, line in enumerate(lines, 1):
            code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
            in_comment = code.split("//", 1)
            for pattern, name in BANNED_CALLS:
                place = line if name == "an unfinished mark" else in_comment[0]
                if relative.startswith("src/base/") and name == "a clock's now()":
                    continue
                if pattern.search(place):
                    report(path, number, f"{name} is banned here")
    if BANNED_NAMES.search(relative.rsplit("/", 1)[-1]) or (relative.startswith("src/") and BANNED_NAMES.search(relative)):
        report(path, 1, "a name that says nothing (utils, helper, common, manager)")
    if path.suffix == ".h" and not text.startswith("// "):
        report(path, 1, "a header opens with its contract")


def check_markdown(path, text):
    in_code = False
    titles = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            in_code = not in_code
        elif not in_code and re.match(r"# ", line):
            titles.append(number)
    if len(titles) != 1:
        report(path, titles[1] if len(titles) > 1 else 1, f"{len(titles)} titles (exactly one)")


def check_rooms_agree():
    listed = (ROOT / "src" / "CMakeLists.txt").read_text().split("foreach(room ", 1)[1].split(")", 1)[0].split()
    if listed != [room for room in ROOMS if room in listed]:
        report(ROOT / "src" / "CMakeLists.txt", 2, "the order of rooms differs from tests/tidy/tidy.py")


def main():
    for path in tracked_files():
        if path.suffix in {".xz", ".png", ".gz", ".ico", ".woff2", ".bin"} or path.name == "package-lock.json":
            continue
        relative = str(path.relative_to(ROOT))
        if relative.startswith("tests/formats/"):
            continue
        text = path.read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if FORBIDDEN_TEXT.search(line) and path.name != "tidy.py":
                report(path, number, "a path of one machine")
        if path.suffix in {".h", ".cc"} and relative.startswith(("src/", "tests/", "bench/")):
            check_source(path, text)
        elif path.suffix == ".md":
            check_markdown(path, text)
    check_rooms_agree()
    for line in sorted(breaks):
        print(line)
    print(f"tidy: {len(breaks)} breaks")
    return 1 if breaks else 0


if __name__ == "__main__":
    sys.exit(main())
