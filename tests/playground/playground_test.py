#!/usr/bin/env python3
"""Opens the playground in Chromium, searches as one types, and clicks a product: the page must show real slates, and then others.

Usage: playground_test.py ATTUNE_BINARY.  Skipped (77) where there is no Chromium.

The click is made by a script that is added to a copy of the page; the page's own files are untouched.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRODUCTS = [{"product_id": f"p{i}", "title": f"Mug number {i}", "brand": "Lumo", "category": ["Kitchen"],
             "price": 5 + i, "currency": "EUR"} for i in range(20)]
# Waits for the first slates, opens a product through the search field as a shopper would, and says when it is there.
CLICK = """<script>
const wait = (test) => new Promise((done) => { const look = () => test() ? done() : setTimeout(look, 50); look(); });
(async () => {
  await wait(() => document.querySelectorAll("#slates img, #slates button, #slates article").length > 0);
  document.body.dataset.before = document.getElementById("slates").innerText;
  const field = document.getElementById("find");
  field.value = "mgu numb";
  field.dispatchEvent(new Event("input"));
  await wait(() => document.querySelectorAll("#search .hits article em").length > 0 && document.querySelectorAll("#search input[type=checkbox]").length > 0);
  document.body.dataset.searched = "yes";
  const list = document.getElementById("suggestions");
  const key = (name) => field.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  const options = () => [...list.querySelectorAll("[role=option]")];
  field.value = "kit";
  field.dispatchEvent(new Event("input"));
  await wait(() => !list.hidden && options().some((option) => option.querySelector("em")));
  const isOpen = field.getAttribute("aria-expanded") === "true";
  key("ArrowDown");
  const isActive = options()[0].getAttribute("aria-selected") === "true" && field.getAttribute("aria-activedescendant") === options()[0].id;
  key("ArrowUp");
  const isBack = !field.hasAttribute("aria-activedescendant");
  key("Escape");
  const isClosed = list.hidden && field.getAttribute("aria-expanded") === "false" && field.value === "kit";
  key("ArrowDown");
  await wait(() => !list.hidden);
  key("ArrowDown");
  const chosen = options()[0].querySelector("span").innerText;
  key("Enter");
  const isChosen = list.hidden && field.value === chosen;
  await wait(() => /found/.test(document.getElementById("search").innerText));
  document.body.dataset.suggested = JSON.stringify([isOpen, isActive, isBack, isClosed, isChosen]);
  field.value = "p7";
  field.dispatchEvent(new Event("input"));
  await wait(() => !document.getElementById("product").hidden && /p7|number 7/.test(document.getElementById("product").innerText));
  await wait(() => document.getElementById("log").children.length > 0 && /number 7/.test(document.getElementById("slates").innerText + document.getElementById("product").innerText));
  document.body.dataset.clicked = "yes";
})();
</script></body>"""


def post(port, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    return json.loads(urllib.request.urlopen(request, timeout=30).read())


def main():
    binary, chromium = sys.argv[1], shutil.which("chromium")
    if not chromium:
        print("skipped: there is no chromium")
        return 77
    with tempfile.TemporaryDirectory(prefix="attune-playground-") as temporary:
        folder = pathlib.Path(temporary)
        pages = folder / "pages"
        shutil.copytree(ROOT / "web" / "playground", pages)
        (pages / "shop.products.json").write_text(json.dumps(PRODUCTS))
        (pages / "config.json").write_text(json.dumps({"stores": [{
            "id": "shop", "title": "Shop", "label": "", "about": "Twenty mugs.", "currency": "EUR",
            "products_url": "shop.products.json", "shoppers": []}]}))
        page = (pages / "index.html").read_text()
        assert "</body>" in page
        (pages / "index.html").write_text(page.replace("</body>", CLICK))
        (folder / "products.ndjson").write_text("\n".join(map(json.dumps, PRODUCTS)))
        subprocess.run([binary, "import", "products", str(folder / "products.ndjson"), "--data", str(folder / "data"),
                        "--store", "shop"], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([binary, "serve", "--data", str(folder / "data"), "--port", "0", "--open",
                                   "--demo-folder", str(pages), "--log-level", "off"], stdout=subprocess.PIPE,
                                  text=True)
        try:
            port = int(re.search(r":(\d+)", server.stdout.readline().split("//")[1]).group(1))
            dom = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                                  "--disable-background-networking", "--disable-component-update", "--disable-sync",
                                  f"--user-data-dir={folder}/browser", "--virtual-time-budget=20000", "--dump-dom",
                                  f"http://127.0.0.1:{port}/demo"], capture_output=True, text=True,
                                 timeout=200).stdout
        finally:
            server.terminate()
            server.wait()
        assert "Mug number" in dom, "the page shows no product: " + dom[:3000]
        assert 'data-searched="yes"' in dom, "the search box shows no hits: " + dom[:6000]
        assert 'data-suggested="[true,true,true,true,true]"' in dom, "the suggestions do not follow the keyboard: " + \
            str(re.findall("data-suggested=.*?]", dom)) + dom[:6000]
        assert 'data-clicked="yes"' in dom, "the click changed nothing: " + dom[:6000]
        assert "product_viewed" in dom or "viewed" in dom.lower(), "the page does not say what happened"
    print("the playground showed slates, and followed a click")
    return 0


if __name__ == "__main__":
    sys.exit(main())
