#!/usr/bin/env python3
"""A server fetches the vectors of its products from a service that answers 500, 429, garbage and nothing, and is killed
meanwhile: each text is answered once, but for the batch of the kill, and products that share no word are similar.

Usage: embeddings_test.py ATTUNE_BINARY
"""

import hashlib
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
KINDS = ["lamp", "sock", "teapot"]
PRODUCTS = 60
WAIT_SECONDS = 60


class Service(http.server.ThreadingHTTPServer):
    """Deterministic vectors: by the kind that an attribute names, whatever else the text says."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            service = self.server
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with service.lock:
                service.keys.add(self.headers["Authorization"])
                fault = service.faults.pop(0) if service.faults else None
            if fault == "hang":
                service.hung.set()
                service.released.wait()
                return
            status, headers, body = 200, {}, None
            if fault == 429:
                status, headers, body = 429, {"Retry-After": "2"}, b"slow down"
            elif fault == 500:
                status, body = 500, b"oops"
            else:
                texts = request["input"]
                data = [{"index": i, "embedding": service.vector(text)} for i, text in enumerate(texts)]
                body = json.dumps({"data": data[::-1]}).encode()
                with service.lock:
                    service.texts += texts
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.lock = threading.Lock()
        self.keys, self.texts, self.faults = set(), [], []
        self.hung, self.released = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @staticmethod
    def vector(text):
        own = hashlib.sha256(text.encode()).digest()
        kind = next(i for i, name in enumerate(KINDS) if f"kind: {i}" in text)
        return [2 + (3 if k == kind else 0) + own[k] / 2560 for k in range(16)]


class Shop:
    def __init__(self, binary, data, log):
        self.log = open(log, "ab")
        environment = {**os.environ, "ATTUNE_EMBEDDINGS_KEY": SECRET}
        self.process = subprocess.Popen([binary, "serve", "--data", data, "--port", "0", "--open", "--private-feeds"],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment)
        self.port = int(self.process.stdout.readline().split("http://127.0.0.1:")[1].split()[0])

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body=None if body is None else json.dumps(body),
                           headers={"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read().decode()
        assert response.status < 300, f"{method} {path}: {response.status} {text}"
        return text

    def metric(self, name):
        for line in self.ask("GET", "/metrics").splitlines():
            if line.startswith(name + "{"):
                return float(line.rsplit(" ", 1)[1])
        return None

    def wait_for(self, name, value):
        end = time.monotonic() + WAIT_SECONDS
        while self.metric(name) != value:
            assert time.monotonic() < end, f"{name} is {self.metric(name)}, not {value}"
            time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0


def main():
    binary = sys.argv[1]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="attune-embeddings-"))
    data, log = str(folder / "shops"), folder / "log"
    # The kind is a number: no word that two products share.
    products = [{"product_id": f"p{i}", "title": f"Article{i}", "price": 5, "attributes": {"kind": i % 3}}
                for i in range(PRODUCTS)]
    (folder / "products.ndjson").write_text("".join(json.dumps(product) + "\n" for product in products))
    subprocess.run([binary, "import", "products", "--data", data, "--store", "shop", "--currency", "EUR",
                    folder / "products.ndjson"], check=True, capture_output=True)
    service = Service()
    url = f"http://127.0.0.1:{service.server_address[1]}/v1/embeddings"

    shop = Shop(binary, data, log)
    service.faults += [500, 429, None, None, "hang"]
    shop.ask("PATCH", "/v1/settings", {"train_every_seconds": 1, "train_at_latest_seconds": 1,
                                       "embeddings": {"url": url, "model": "m", "batch_size": 8,
                                                      "api_key_env": "ATTUNE_EMBEDDINGS_KEY"}})
    # Killed while the fifth request waits: what was answered before it is kept.
    assert service.hung.wait(WAIT_SECONDS)
    shop.ask("POST", "/v1/recommendations", {"placement": "home_trending"})
    shop.kill()
    service.released.set()
    assert len(service.texts) == 16, service.texts

    shop = Shop(binary, data, log)
    shop.ask("GET", "/v1/settings")
    shop.wait_for("attune_embeddings_kept", PRODUCTS)
    assert sorted(service.texts) == sorted(set(service.texts)) and len(service.texts) == PRODUCTS
    # The log has grown by nothing since, and yet a generation learns from the vectors.
    shop.wait_for("attune_embeddings_serving", 1)
    answer = json.loads(shop.ask("POST", "/v1/recommendations",
                                 {"placement": "product_similar", "context": {"product_ids": ["p4"]}, "limit": 10}))
    similar = [int(item["product_id"][1:]) for item in answer["products"]]
    assert len(similar) == 10 and all(i % 3 == 1 for i in similar), answer

    # Killed again, at rest: nothing is asked for anew.
    shop.kill()
    shop = Shop(binary, data, log)
    shop.ask("GET", "/v1/settings")
    shop.wait_for("attune_embeddings_kept", PRODUCTS)
    assert len(service.texts) == PRODUCTS
    shop.stop()

    assert service.keys == {f"Bearer {SECRET}"}, service.keys
    text = log.read_text(errors="replace")
    assert "embeddings failed" in text and "status 500" in text and "text vectors not used" in text, text
    for file in [log, *folder.rglob("*")]:
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), f"the key is in {file}"
    print("vectors of a service: passed")


if __name__ == "__main__":
    main()
