#!/usr/bin/env python3
"""Searches are answered while the LLM that explains queries hangs, floods, lies and fails: as fast as without one, and
with nothing that is not in the catalogue.  What it said rightly survives a kill of the server.

Usage: llm_test.py ATTUNE_BINARY
"""

import http.client
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

SECRET = "sk-hush-hush"
PRODUCTS = 2000
WAIT_SECONDS = 60
SEARCHES = 3000
# A search that waited for the service would take its time-out, 120 s.
SLOWEST_SECONDS = 5
EVIL = json.dumps({"values": [{"field": "brand", "value": "Evilcorp"}, {"field": "evil", "value": "Brand1"}],
                   "price": {"max": -1}, "intent": "evil", "redirect": "https://evil.example"})
RIGHT = json.dumps({"values": [{"field": "category", "value": "Kind 1"}], "intent": "products"})


def envelope(text):
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


class Service(http.server.ThreadingHTTPServer):
    """Does what `mode` says to each request."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            service = self.server
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with service.lock:
                mode = service.mode
                service.keys.add(self.headers["Authorization"])
                service.asked.append(json.loads(request["messages"][1]["content"])["query"])
            if mode == "hang":
                service.hung.set()
                service.released.wait()
                return
            body = {"right": envelope(RIGHT), "evil": envelope(EVIL), "html": b"<html>evil</html>",
                    "flood": b"e" * (10 << 20)}[mode]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                pass  # The server does not read it all.

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.lock = threading.Lock()
        self.mode, self.keys, self.asked = "right", set(), []
        self.hung, self.released = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Shop:
    def __init__(self, binary, data, log):
        self.log = open(log, "ab")
        environment = {**os.environ, "ATTUNE_LLM_KEY": SECRET}
        self.process = subprocess.Popen([binary, "serve", "--data", data, "--port", "0", "--open", "--private-feeds"],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment)
        self.port = int(self.process.stdout.readline().split("http://127.0.0.1:")[1].split()[0])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body=None if body is None else json.dumps(body),
                                headers={"Content-Type": "application/json"})
        response = self.connection.getresponse()
        text = response.read().decode()
        assert response.status < 300, f"{method} {path}: {response.status} {text}"
        return text

    def search(self, query, shopper):
        return self.ask("POST", "/v1/search", {"query": query, "limit": 10, "shopper": {"anonymous_id": shopper}})

    def understood(self, query):
        return json.loads(self.search(query, "a1"))["understood"]

    def status(self):
        return json.loads(self.ask("GET", "/v1/models"))["query_understanding"]

    def wait_for(self, what, is_there):
        end = time.monotonic() + WAIT_SECONDS
        while not is_there():
            assert time.monotonic() < end, f"{what}: {self.status()}"
            time.sleep(0.1)

    # Seconds of each search, of queries that nothing explains.
    def measure(self, word):
        seconds = []
        for i in range(SEARCHES):
            begin = time.perf_counter()
            text = self.search(f"article {word} {'abcdefghij'[i % 10]}", f"a{i}")
            seconds.append(time.perf_counter() - begin)
            assert "llm" not in text and "evil" not in text.lower(), text
        return sorted(seconds)


def told(name, seconds):
    middle, late = seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100]
    print(f"{name}: {len(seconds)} searches, p50 {middle * 1e3:.2f} ms, p99 {late * 1e3:.2f} ms, "
          f"slowest {seconds[-1] * 1e3:.1f} ms")
    assert seconds[-1] < SLOWEST_SECONDS


def main():
    binary = sys.argv[1]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="attune-llm-"))
    data, log = str(folder / "shops"), folder / "log"
    products = [{"product_id": f"p{i}", "title": f"Article n{i}", "price": 5 + i % 50, "brand": f"Brand{i % 7}",
                 "categories": [[f"Kind {i % 5}"]]} for i in range(PRODUCTS)]
    (folder / "products.ndjson").write_text("".join(json.dumps(product) + "\n" for product in products))
    subprocess.run([binary, "import", "products", "--data", data, "--store", "shop", "--currency", "EUR",
                    folder / "products.ndjson"], check=True, capture_output=True)
    service = Service()
    llm = {"url": f"http://127.0.0.1:{service.server_address[1]}/v1/chat/completions", "model": "m",
           "api_key_env": "ATTUNE_LLM_KEY", "timeout_seconds": 120}

    shop = Shop(binary, data, log)
    shop.ask("GET", "/v1/settings")
    shop.wait_for("facts", lambda: shop.understood("brand1")["values"])
    shop.measure("warm")
    told("without an LLM", shop.measure("nothing"))

    # Right: known, and kept over a kill.
    shop.ask("PATCH", "/v1/settings", {"search": {"llm": llm}})
    for shopper in ("a1", "a2"):
        shop.search("article for mum", shopper)
    shop.wait_for("an answer", lambda: shop.status()["known"] == 1)
    right = {"field": "category", "value": "Kind 1", "by": "llm"}
    assert shop.understood("article for mum")["values"] == [right]

    # Wrong in every way: each answer is of one query.
    for number, mode in enumerate(["evil", "html", "flood"]):
        service.mode = mode
        asked = len(service.asked)
        shop.ask("PATCH", "/v1/settings", {"search": {"llm": {"requests_per_day": 900 + number}}})  # No waiting.
        for shopper in ("a1", "a2"):
            shop.search(f"article {mode}y", shopper)
        shop.wait_for(mode, lambda: len(service.asked) > asked and
                      (shop.status()["known"] > 1 or shop.status()["failures"] > 0))
        told(f"with one that answers {mode}", shop.measure(mode[0] * 5))

    # Hanging: while one request waits, all searches are answered.
    service.mode = "hang"
    shop.ask("PATCH", "/v1/settings", {"search": {"llm": {"requests_per_day": 1000}}})
    for shopper in ("a1", "a2"):
        shop.search("article that hangs", shopper)
    assert service.hung.wait(WAIT_SECONDS)
    asked = len(service.asked)
    told("with one that hangs", shop.measure("hanging"))
    assert len(service.asked) == asked  # It hung all the time.
    shop.process.kill()
    shop.process.wait()
    service.released.set()

    service.mode = "right"
    shop = Shop(binary, data, log)
    shop.ask("GET", "/v1/settings")
    shop.wait_for("what was known", lambda: right in shop.understood("article for mum")["values"])
    shop.process.terminate()
    assert shop.process.wait(timeout=60) == 0

    assert service.keys == {f"Bearer {SECRET}"}, service.keys
    assert service.asked.count("article for mum") == 1, service.asked
    text = log.read_text(errors="replace")
    assert "query understanding failed" in text and "evil" not in text, text
    for file in [log, *folder.rglob("*")]:
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), f"the key is in {file}"
    print("an LLM of a store: passed")


if __name__ == "__main__":
    main()
