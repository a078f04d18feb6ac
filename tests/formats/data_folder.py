"""What tests/formats and scripts/make_format_folder share: a server on a data folder, and all that is read from it.

Only what does not depend on the time of reading is read: no decayed weights, no open sessions.
"""

import http.client
import json
import subprocess
import time

WAIT_SECONDS_MAX = 60


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def pretty(value):
    return json.dumps(value, indent=1, sort_keys=True)


class Server:
    def __init__(self, binary, data):
        self.process = subprocess.Popen([str(binary), "serve", "--data", str(data), "--port", "0", "--open",
                                         "--log-level", "off"], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("attune serves"), f"the server did not start: {line!r}"
        self.port = int(line.split("http://127.0.0.1:")[1].split()[0])

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        assert self.process.wait(timeout=WAIT_SECONDS_MAX) == 0, "the server did not stop cleanly"

    def must(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS_MAX)
        connection.request(method, path, None if body is None else compact(body),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        assert response.status in (200, 201), f"{method} {path}: {response.status} {text!r}"
        return json.loads(text)

    def bought_together(self):
        return self.must("POST", "/v1/recommendations", {"placement": "product_bought_together", "limit": 1,
                                                         "context": {"product_ids": ["p1"]}})

    def wait_until_trained(self):
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while "not trained" in str(self.bought_together()["notice"]):
            assert time.monotonic() < deadline, "no generation was published"
            time.sleep(0.1)


def read_back(server):
    """Everything that the folder holds, as JSON."""
    everything = {"products": {}, "shoppers": {}}
    for i in range(8):
        answer = server.must("GET", f"/v1/products/p{i}")
        counts = {name: answer["features"][name] for name in ("views", "carts", "orders", "units", "revenue")}
        everything["products"][f"p{i}"] = {"product": answer["product"], "counts": counts}
    for shopper in ("ada", "c1"):
        answer = server.must("GET", f"/v1/shoppers/{shopper}")
        features = answer["features"]
        everything["shoppers"][shopper] = {
            "ids": answer["ids"], "traits": [one["traits"] for one in
                                             server.must("GET", f"/v1/shoppers/{shopper}/export")["identities"]],
            **{name: features[name] for name in ("orders", "revenue", "purchases", "last_orders", "consent", "views",
                                                 "recent_products")}}
    everything["placement"] = server.must("GET", "/v1/config/placements/mine")
    slate = server.bought_together()
    everything["generation"] = {"source": slate["products"][0]["source"], "product": slate["products"][0]["product_id"]}
    return everything
