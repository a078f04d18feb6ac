#!/usr/bin/env python3
"""Does a shopper's past help search find what they will take next?  On amazon_beauty, against a running, empty store.

  tests/quality/personal_search.py --url http://127.0.0.1:8080 --data ../shared/data/amazon_beauty --shoppers 2000

Every product but the last one of each shopper is sent as a view, in order.  The query is made of the last one's title: two
of its words that at least 100 products have together, else one that at least 100 have; shoppers without such words are
passed over.  Counted is the reciprocal rank of that product among the first 200 hits (0 behind them), with
`personalize` as it is by default, and with 0, of the same query in the same moment; 95 % intervals by paired bootstrap.
Nothing is tuned on it.
"""

import argparse
import json
import lzma
import pathlib
import random
import re
import sys
import time
import urllib.request

MATCHES_MIN = 100
HITS = 200
BATCH = 500
DAY_MS = 86_400_000
ROUNDS = 2000


class Store:
    def __init__(self, arguments):
        self.url = arguments.url.rstrip("/")
        self.headers = {"content-type": "application/json"}
        if arguments.key:
            self.headers["authorization"] = "Bearer " + arguments.key
        if arguments.store:
            self.headers["x-attune-store"] = arguments.store

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), self.headers)
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.loads(answer.read() or b"{}")

    def rank(self, query, shopper, product, personalize):
        body = {"query": query, "limit": HITS, "fill_empty": False, "shopper": {"anonymous_id": shopper}}
        if personalize is not None:
            body["personalize"] = personalize
        hits = self.post("/v1/search", body)["hits"]
        return next((1 / (place + 1) for place, hit in enumerate(hits) if hit["product_id"] == product), 0)


def read(path):
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return file.read()


def words_of(title):
    return list(dict.fromkeys(word for word in re.findall(r"[a-z]{3,}", title.lower())))


def query_for(title, products_with, dice):
    words = [word for word in words_of(title) if len(products_with.get(word, ())) >= MATCHES_MIN]
    pairs = [(a, b) for i, a in enumerate(words) for b in words[i + 1:]
             if len(products_with[a] & products_with[b]) >= MATCHES_MIN]
    if pairs:
        return " ".join(dice.choice(pairs))
    return dice.choice(words) if words else None


def send(store, titles, attributes, sequences):
    products = [{"product_id": product, "title": title, "price": 10,
                 "attributes": {"group": attributes.get(product, [])}} for product, title in titles.items()]
    for start in range(0, len(products), BATCH):
        store.post("/v1/products", products[start:start + BATCH])
        print(f"\r{start} of {len(products)} products", end="", file=sys.stderr)
    now_ms = int(time.time() * 1000)
    events = []
    for shopper, items in sequences:
        for place, item in enumerate(items[:-1]):
            events.append({"id": f"{shopper}-{place}", "type": "product_viewed", "anonymous_id": f"u{shopper}",
                           "occurred_at": now_ms - (len(items) - place) * DAY_MS // 24,
                           "products": [{"product_id": item}]})
    for start in range(0, len(events), BATCH):
        store.post("/v1/events", events[start:start + BATCH])
        print(f"\r{start} of {len(events)} views   ", end="", file=sys.stderr)
    print(file=sys.stderr)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", required=True)
    options.add_argument("--key")
    options.add_argument("--store", help="on a server without keys")
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--shoppers", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    store = Store(arguments)
    dice = random.Random(arguments.seed)
    lines = [line.split("\t") for line in read(arguments.data / "titles.tsv.xz").splitlines()]
    titles = {line[0]: line[2] for line in lines if len(line) > 2 and line[2]}
    attributes = {item: [str(value) for value in values]
                  for item, values in json.loads(read(arguments.data / "item2attributes.json.xz")).items()}
    sequences = [(line.split()[0], line.split()[1:]) for line in read(arguments.data / "sequences.txt.xz").splitlines()]
    sequences = [(shopper, items) for shopper, items in sequences if len(items) > 1]
    products_with = {}
    for product, title in titles.items():
        for word in words_of(title):
            products_with.setdefault(word, set()).add(product)
    send(store, titles, attributes, sequences)

    asked = []
    for shopper, items in dice.sample(sequences, len(sequences)):
        query = query_for(titles.get(items[-1], ""), products_with, dice)
        if query:
            asked.append((f"u{shopper}", query, items[-1]))
        if len(asked) == arguments.shoppers:
            break
    personal = [store.rank(query, shopper, product, None) for shopper, query, product in asked]
    without = [store.rank(query, shopper, product, 0) for shopper, query, product in asked]
    gains = [a - b for a, b in zip(personal, without)]
    means = sorted(sum(dice.choices(gains, k=len(gains))) / len(gains) for _ in range(ROUNDS))
    print(f"{len(asked)} shoppers: MRR {sum(personal) / len(asked):.4f} with their past, {sum(without) / len(asked):.4f} "
          f"without: {sum(gains) / len(asked):+.4f} [{means[int(.025 * ROUNDS)]:+.4f} {means[int(.975 * ROUNDS)]:+.4f}]")


if __name__ == "__main__":
    main()
