#!/usr/bin/env python3
"""Simulated searchers: do clicks on search results bring up what searchers of a query want?

  search_clicks.py --url http://127.0.0.1:8080 --level realistic --queries 60 --sessions 6000 --rounds 3

Asks a running server for hits as a shop does, clicks by a hidden appeal of each product for each query and by the place
where it stands, sends the events, waits until the server has trained on them,
and goes on.  Then it counts, with the hidden appeal, the clicks that the first page of each query is worth before and
after: with shown orders, not with new clicks, so that the figure has no noise of its own.  It tells the store to train
every few seconds, and only what is quickly trained, so it is for a store that nobody uses.

It judges the engine, so it stands apart: it knows the public API and nothing of the server.  Every id that it makes
begins with "sim-".  Parameters: search_parameters.py.
"""

import argparse
import hashlib
import json
import math
import random
import sys
import time
import urllib.error
import urllib.request

import search_parameters as parameters

PAGE = 24
EVENTS_PER_BATCH = 400
BOOTSTRAP_ROUNDS = 2000


class Shop:
    def __init__(self, arguments):
        self.url = arguments.url.rstrip("/")
        self.headers = {"content-type": "application/json"}
        if arguments.key:
            self.headers["authorization"] = "Bearer " + arguments.key
        if arguments.store:
            self.headers["x-attune-store"] = arguments.store

    def post(self, path, body, method="POST"):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.code} {error.read().decode()[:300]}")

    def generation(self):
        request = urllib.request.Request(self.url + "/v1/models", headers=self.headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())["generation"]

    def wait_for_training(self, before):
        """Of a generation that came after `before`; one that was under way may miss the last events."""
        while self.generation() <= before:
            time.sleep(1)

    def search(self, query, shopper):
        return self.post("/v1/search", {"query": query, "limit": PAGE, "personalize": 0,
                                        "shopper": {"anonymous_id": shopper}})

    def queries(self, count):
        """Names of the categories with at least a page of products, in the order of the server."""
        answer = self.post("/v1/search", {"query": "", "limit": 0, "facets": [{"field": "category", "limit": 1000}]})
        leaves = [value["value"].split(" > ")[-1].lower() for value in answer["facets"][0]["values"]
                  if value["count"] >= PAGE]
        return list(dict.fromkeys(leaves))[:count]


def chance_of(query, product, deviation):
    """Of a click on a hit that is looked at: the same whenever it is asked for, and hidden from the engine."""
    digest = hashlib.sha256(f"{query}\n{product}".encode()).digest()
    appeal = random.Random(digest).gauss(0, deviation)
    return min(0.9, parameters.CLICK_CHANCE * math.exp(appeal - deviation * deviation / 2))


def look(place):
    return (1 + place) ** -parameters.LOOK_EXPONENT


def worth(query, hits, deviation):
    return sum(look(place) * chance_of(query, hit, deviation) for place, hit in enumerate(hits))


def session(shop, query, number, deviation, dice):
    """One search, and the events that follow."""
    shopper = f"sim-searcher-{number}"
    answer = shop.search(query, shopper)
    events = []

    def event(kind, product, place, **more):
        line = {"product_id": product, "decision_id": answer["decision_id"], "position": place}
        events.append({"id": f"sim-{number}-{len(events)}", "type": kind, "anonymous_id": shopper,
                       "products": [line | more]})

    for place, hit in enumerate(answer["hits"]):
        product = hit["product_id"]
        if dice.random() >= look(place) * chance_of(query, product, deviation):
            continue
        event("product_clicked", product, place)
        if dice.random() < parameters.CART_PER_CLICK:
            event("product_added", product, place)
            if dice.random() < parameters.ORDER_PER_CART:
                event("order_completed", product, place, quantity=1, price=10)
                events[-1]["order_id"] = f"sim-order-{number}"
    return events


def orders_of(shop, queries):
    return {query: [hit["product_id"] for hit in shop.search(query, "sim-nobody")["hits"]] for query in queries}


def interval(ratios, dice):
    means = sorted(sum(dice.choices(ratios, k=len(ratios))) / len(ratios) for _ in range(BOOTSTRAP_ROUNDS))
    return means[int(0.025 * BOOTSTRAP_ROUNDS)], means[int(0.975 * BOOTSTRAP_ROUNDS)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", required=True)
    options.add_argument("--key")
    options.add_argument("--store")
    options.add_argument("--level", choices=sorted(parameters.APPEAL_DEVIATION), default="realistic")
    options.add_argument("--queries", type=int, default=60)
    options.add_argument("--sessions", type=int, default=6000, help="in all")
    options.add_argument("--rounds", type=int, default=3, help="trainings, one after each part of the sessions")
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    shop = Shop(arguments)
    dice = random.Random(arguments.seed)
    deviation = parameters.APPEAL_DEVIATION[arguments.level]
    queries = shop.queries(arguments.queries)
    if not queries:
        sys.exit("no category of the store has a page of products")
    weights = [(1 + rank) ** -parameters.QUERY_EXPONENT for rank in range(len(queries))]
    shop.post("/v1/settings", {"train_every_seconds": 1, "train_at_latest_seconds": 1,
                               "train_cpu_seconds_max": 5, "train_drift_hold_seconds": 0}, "PATCH")
    before = orders_of(shop, queries)
    number = 0
    for part in range(arguments.rounds):
        events = []
        for _ in range(arguments.sessions // arguments.rounds):
            number += 1
            events += session(shop, dice.choices(queries, weights)[0], f"{arguments.seed}-{number}", deviation, dice)
            if len(events) >= EVENTS_PER_BATCH:
                shop.post("/v1/events", events)
                events = []
        if events:
            shop.post("/v1/events", events)
        shop.wait_for_training(shop.generation())
        after = orders_of(shop, queries)
        ratios = [worth(query, after[query], deviation) / worth(query, before[query], deviation) for query in queries]
        low, high = interval(ratios, dice)
        kept = sum(len(set(before[query][:5]) & set(after[query][:5])) for query in queries) / (5 * len(queries))
        print(f"{arguments.level}: {number} sessions of {len(queries)} queries: clicks of a page "
              f"{sum(ratios) / len(ratios):.3f} times those before [{low:.3f} {high:.3f}], "
              f"{kept:.2f} of the first five are as before", flush=True)


if __name__ == "__main__":
    main()
