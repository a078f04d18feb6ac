#!/usr/bin/env python3
"""Imports into a running server: the same products and orders as into its folder, waited out when the server asks
to, and exit codes that tell whole from partly from failed.

Usage: import_url_test.py ATTUNE_BINARY
"""

import http.client
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading

FILES = pathlib.Path(__file__).resolve().parents[1] / "docs/files"


def attune(binary, *arguments):
    return subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=120)


def get(port, path, key):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


class BusyServer(http.server.ThreadingHTTPServer):
    """Answers 503, then 429, then takes everything; remembers the keys of the requests."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.server.keys.append(self.headers["Idempotency-Key"])
            status = {1: 503, 2: 429}.get(len(self.server.keys), 200)
            body = b'{"accepted":4,"rejected":[]}' if status == 200 else b'{"error":{"message":"busy"}}'
            self.send_response(status)
            if status != 200:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.keys = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


def without_times(product):
    return {name: value for name, value in product.items() if not name.endswith("_at")}


def main():
    binary = sys.argv[1]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="attune-import-"))
    data = str(folder / "shops")
    local = ["--data", data, "--store"]
    variants = folder / "variants.csv"
    variants.write_text("id,item_group_id,title,size,price\nv1,g1,Shirt,S,10\nv2,g1,Shirt,M,11\np9,,Cap,,5\n")

    # Into the folder, for comparison; and an empty store for the server.
    for file, verb in (("products.csv", "products"), ("order-lines.tsv", "orders")):
        done = attune(binary, "import", verb, *local, "folder", str(FILES / file))
        assert done.returncode == 0, done.stderr
    assert attune(binary, "import", "products", *local, "folder", str(variants)).returncode == 0
    assert attune(binary, "import", "products", *local, "server", str(FILES / "products.csv"),
                  "--show-mapping").returncode == 0
    keys = {}
    for store in ("folder", "server"):
        made = attune(binary, "keys", "create", *local, store, "--label", "import", "--scope", "read", "--scope", "write")
        keys[store] = max(made.stdout.split(), key=len)
    server = subprocess.Popen([binary, "serve", "--data", data, "--port", "0", "--log-level", "off"],
                              stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().split("http://127.0.0.1:")[1].split()[0])
        remote = ["--url", f"http://127.0.0.1:{port}/", "--key", keys["server"]]

        for file, verb in ((FILES / "products.csv", "products"), (FILES / "order-lines.tsv", "orders"),
                           (variants, "products")):
            done = attune(binary, "import", verb, *remote, str(file))
            assert done.returncode == 0, done.stderr
        pages = {store: get(port, "/v1/products", keys[store])[1]["products"] for store in keys}
        assert len(pages["server"]) == 6, pages["server"]
        assert [without_times(p) for p in pages["server"]] == [without_times(p) for p in pages["folder"]]
        shoppers = [get(port, "/v1/shoppers/c1", keys[store])[1]["features"] for store in keys]
        assert shoppers[0]["orders"] == shoppers[1]["orders"] == 1, shoppers

        # Orders again: nothing counts twice.
        assert attune(binary, "import", "orders", *remote, str(FILES / "order-lines.tsv")).returncode == 0
        assert get(port, "/v1/shoppers/c1", keys["server"])[1]["features"]["orders"] == 1

        # A row that is wrong: 3.  A catalogue that shrinks too much, a wrong key: 1.
        bad = folder / "bad.csv"
        bad.write_text("id,title,price\np1,Desk lamp,a lot\np2,LED bulb,4.90\n")
        done = attune(binary, "import", "products", *remote, str(bad))
        assert done.returncode == 3 and "took 1, refused 1" in done.stderr, done.stderr
        done = attune(binary, "import", "products", "--replace", *remote, str(bad))
        assert done.returncode == 1 and "more than a fifth" in done.stderr, done.stderr
        done = attune(binary, "import", "products", "--url", f"http://127.0.0.1:{port}", "--key", "no", str(bad))
        assert done.returncode == 1 and "the server says: the key is unknown" in done.stderr, done.stderr

        # The folder is the server's now: the sentence names the way out.
        assert get(port, "/v1/products", keys["folder"])[0] == 200
        done = attune(binary, "import", "products", *local, "folder", str(bad))
        assert done.returncode == 1 and "--url http://HOST:PORT" in done.stderr, done.stderr
        done = attune(binary, "import", "products", str(bad))
        assert done.returncode == 1 and "--data" in done.stderr, done.stderr
    finally:
        server.terminate()
        server.wait()

    # A server that asks to wait is asked again, with the same Idempotency-Key.
    busy = BusyServer()
    done = attune(binary, "import", "products", "--url", f"http://127.0.0.1:{busy.server_address[1]}", "--key", "k",
                  "--currency", "EUR", str(FILES / "products.csv"))
    assert done.returncode == 0, done.stderr
    assert len(busy.keys) == 3 and len(set(busy.keys)) == 1, busy.keys
    assert "took 4" in done.stderr
    busy.shutdown()
    # Nobody there: said at once.
    done = attune(binary, "import", "products", "--url", "http://127.0.0.1:1", "--key", "k", "--currency", "EUR",
                  str(FILES / "products.csv"))
    assert done.returncode == 1 and "no answer from http://127.0.0.1:1" in done.stderr, done.stderr
    assert "go on with --skip-rows 0" in done.stderr, done.stderr
    print("imports into a running server: passed")


if __name__ == "__main__":
    main()
