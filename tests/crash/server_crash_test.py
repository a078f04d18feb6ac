#!/usr/bin/env python3
"""Kills a real server at random moments during mixed writes, and looks at what is left.

After each kill the server starts again on the same folder.  Every event that was acknowledged must be there once (sent
again, it is a duplicate), every product and setting that was acknowledged must be there as it was last acknowledged,
every product must be found by a search, and the store must answer.

Usage: server_crash_test.py ATTUNE_BINARY        kills: environment ATTUNE_CRASH_KILLS, default 10
"""

import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

KILLS = int(os.environ.get("ATTUNE_CRASH_KILLS", "10"))
WRITERS = 4
ROUND_SECONDS_MAX = 0.6


class Server:
    def __init__(self, binary, data):
        self.process = subprocess.Popen([binary, "serve", "--data", data, "--port", "0", "--open", "--log-level",
                                         "off"], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("attune serves"), f"the server did not start: {line!r}"
        self.port = int(line.split("http://127.0.0.1:")[1].split()[0])

    def call(self, connection, method, path, body):
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"{}")

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Writer(threading.Thread):
    """Writes until the server is gone, and remembers what was acknowledged."""

    def __init__(self, server, number, round_number, seed):
        super().__init__()
        self.server, self.number, self.round = server, number, round_number
        self.random = random.Random(seed)
        self.events, self.stock, self.limits = [], {}, {}
        self.in_flight = {}  # Product -> stock that was sent and not answered.
        self.limit_in_flight = {}  # Placement -> its limit that was sent and not answered.

    def run(self):
        try:
            connection = self.server.connect()
            for i in range(100_000):
                kind = self.random.random()
                if kind < 0.1:
                    placement, limit = f"w{self.number}-{self.random.randint(0, 4)}", self.random.randint(1, 50)
                    self.limit_in_flight = {placement: limit}
                    status, answer = self.server.call(connection, "PUT", f"/v1/config/placements/{placement}",
                                                      {"based_on": "home_trending", "limit": limit})
                    assert status in (200, 201), (status, answer)
                    self.limits[placement], self.limit_in_flight = limit, {}
                elif kind < 0.7:
                    ids = [f"e-{self.round}-{self.number}-{i}-{k}" for k in range(self.random.randint(1, 20))]
                    batch = [{"id": id, "type": "product_viewed", "anonymous_id": f"a{self.random.randint(0, 50)}",
                              "product_id": f"p{self.number}"} for id in ids]
                    status, answer = self.server.call(connection, "POST", "/v1/events", batch)
                    assert status == 200 and answer["accepted"] == len(ids), (status, answer)
                    self.events += ids
                else:
                    product, stock = f"w{self.number}-{self.random.randint(0, 9)}", self.random.randint(1, 10**6)
                    self.in_flight = {product: stock}
                    status, answer = self.server.call(connection, "PUT", f"/v1/products/{product}",
                                                      {"title": product, "price": 1, "stock": stock})
                    assert status in (200, 201), (status, answer)
                    self.stock[product], self.in_flight = stock, {}
        except (ConnectionError, http.client.HTTPException, OSError):
            pass  # Killed: what was being written was not acknowledged.


def check(server, events, stock, limits):
    connection = server.connect()
    for begin in range(0, len(events), 500):
        batch = [{"id": id, "type": "product_viewed", "anonymous_id": "a1", "product_id": "p0"}
                 for id in events[begin:begin + 500]]
        status, answer = server.call(connection, "POST", "/v1/events", batch)
        assert status == 200 and answer["duplicates"] == len(batch), f"an acknowledged event is gone: {answer}"
    for product, allowed in stock.items():
        status, answer = server.call(connection, "GET", f"/v1/products/{product}", None)
        assert status == 200, f"an acknowledged product is gone: {product}"
        assert answer["product"]["stock"] in allowed, (product, answer["product"]["stock"], allowed)
        status, answer = server.call(connection, "POST", "/v1/search", {"query": product, "limit": 1})
        assert status == 200, answer
        assert [hit["product_id"] for hit in answer["hits"]] == [product], f"{product} is not found: {answer}"
    for placement, allowed in limits.items():
        status, answer = server.call(connection, "GET", f"/v1/config/placements/{placement}", None)
        assert status == 200, f"an acknowledged placement is gone: {placement}"
        assert answer["document"]["limit"] in allowed, (placement, answer["document"]["limit"], allowed)
    status, answer = server.call(connection, "POST", "/v1/recommendations", {"placement": "home_trending"})
    assert status == 200 and answer["products"], answer


def search_and_click(server):
    connection = server.connect()
    for shopper, query in (("a1", "First"), ("a2", "first"), ("a1", "nothing like it")):
        status, answer = server.call(connection, "POST", "/v1/search", {"query": query, "shopper": {"anonymous_id": shopper}})
        assert status == 200, answer
        if answer["hits"]:
            click = {"type": "product_clicked", "anonymous_id": shopper, "product_id": answer["hits"][0]["product_id"],
                     "decision_id": answer["decision_id"], "position": 0}
            status, answer = server.call(connection, "POST", "/v1/events", click)
            assert status == 200 and answer["accepted"] == 1, answer


def count_searches(server):
    """All searches that were answered are in it: an answer of analytics stands on decisions that are on the disk."""
    status, answer = server.call(server.connect(), "GET", "/v1/search/analytics", None)
    assert status == 200 and answer["totals"]["searches"] > 0, answer
    return answer


def main():
    binary = sys.argv[1]
    seed = int(os.environ.get("ATTUNE_CRASH_SEED", time.time_ns() % 10**9))
    print(f"seed {seed}, {KILLS} kills")
    chance = random.Random(seed)
    data = tempfile.mkdtemp(prefix="attune-crash-")
    try:
        products = pathlib.Path(data) / "products.ndjson"
        products.write_text('{"product_id":"p0","title":"First","price":1}\n')
        subprocess.run([binary, "import", "products", "--data", data, "--store", "shop", str(products)], check=True,
                       capture_output=True)
        acknowledged, settings = 0, 0
        for round_number in range(KILLS):
            server = Server(binary, data)
            writers = [Writer(server, n, f"{seed}-{round_number}", seed + n) for n in range(WRITERS)]
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.02, ROUND_SECONDS_MAX))
            server.kill()
            for writer in writers:
                writer.join()
            events = [id for writer in writers for id in writer.events]
            # A write that was on its way when the server died may have been applied or not.
            stock = {product: {last, writer.in_flight.get(product, last)}
                     for writer in writers for product, last in writer.stock.items()}
            limits = {placement: {last, writer.limit_in_flight.get(placement, last)}
                      for writer in writers for placement, last in writer.limits.items()}
            acknowledged += len(events)
            settings += sum(len(writer.limits) for writer in writers)
            server = Server(binary, data)
            check(server, events, stock, limits)
            search_and_click(server)
            counted = count_searches(server)
            server.kill()
            server = Server(binary, data)
            assert count_searches(server) == counted, "searches are counted otherwise after a kill"
            server.kill()
        assert settings > 0, "no placement was ever acknowledged: the rounds are too short"
        print(f"{acknowledged} acknowledged events, each there once after {KILLS} kills; {settings} placements kept")
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
