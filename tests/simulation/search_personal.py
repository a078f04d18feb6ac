#!/usr/bin/env python3
"""Simulated shoppers with a favourite brand: do they find what they will buy sooner when search knows them?

  search_personal.py --url http://127.0.0.1:8080 --level realistic --queries 40 --shoppers 400

Each shopper looks at products of several categories, half of them of the one that they will search for, picked by a hidden
favourite brand, by the products' own appeal and by chance.  Then they search, and buy one of the hits, picked the same way.  Counted is how often it stood
among the first five, with the taste that the server learned and without (`personalize` 0), in the same moment.  Then:
two shoppers with opposite favourites, and one of whom nothing is known.

It judges the engine, so it stands apart: it knows the public API and nothing of the server.  Every id that it makes
begins with "sim-".  Parameters: search_parameters.py.
"""

import argparse
import hashlib
import math
import random
import sys

import search_parameters as parameters
from search_clicks import Shop, interval

HITS = 100
FIRST = 5
BRAND_PRODUCTS_MIN = 5  # Of a query: a favourite that it has only one product of can not be told from chance.
EVENTS_PER_BATCH = 400


def appeal(product):
    """The same for everybody, and hidden from the engine."""
    dice = random.Random(hashlib.sha256(f"appeal\n{product}".encode()).digest())
    return dice.gauss(0, parameters.PRODUCT_APPEAL_DEVIATION)


def pick(hits, brand, weight, dice):
    """A multinomial logit: the largest utility with Gumbel noise."""
    def utility(hit):
        noise = -math.log(-math.log(dice.random()))
        return weight * (hit["product"].get("brand") == brand) + appeal(hit["product_id"]) + noise
    return max(hits, key=utility)


def search(shop, query, shopper, personalize):
    answer = shop.post("/v1/search", {"query": query, "limit": HITS, "personalize": personalize, "fill_empty": False,
                                      "shopper": {"anonymous_id": shopper}})
    return answer["hits"]


def brands_of(hits):
    counts = {}
    for hit in hits:
        brand = hit["product"].get("brand")
        counts[brand] = counts.get(brand, 0) + 1
    return sorted(brand for brand, count in counts.items() if brand and count >= BRAND_PRODUCTS_MIN)


def history(pages, query, shopper, brand, weight, dice):
    events = []
    for number in range(parameters.PRODUCTS_SEEN):
        page = query if dice.random() < parameters.SEEN_OF_THE_QUERY else dice.choice(sorted(pages))
        seen = pick(pages[page], brand, weight, dice)
        line = {"product_id": seen["product_id"]}
        events.append({"id": f"{shopper}-{number}", "type": "product_viewed", "anonymous_id": shopper,
                       "products": [line]})
        if dice.random() < parameters.CART_PER_VIEW:
            events.append({"id": f"{shopper}-{number}-cart", "type": "product_added", "anonymous_id": shopper,
                           "products": [line | {"quantity": 1}]})
    return events


def rank_of(product, hits):
    return next((place for place, hit in enumerate(hits) if hit["product_id"] == product), HITS)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", required=True)
    options.add_argument("--key")
    options.add_argument("--store")
    options.add_argument("--level", choices=sorted(parameters.TASTE_WEIGHT), default="realistic")
    options.add_argument("--queries", type=int, default=40)
    options.add_argument("--shoppers", type=int, default=400)
    options.add_argument("--personalize", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    shop = Shop(arguments)
    dice = random.Random(arguments.seed)
    weight = parameters.TASTE_WEIGHT[arguments.level]
    pages = {query: search(shop, query, "sim-nobody", 0) for query in shop.queries(arguments.queries)}
    favourites = {query: brands_of(hits) for query, hits in pages.items()}
    pages = {query: hits for query, hits in pages.items() if favourites[query]}
    if not pages:
        sys.exit("no query has a brand with enough products")
    shoppers = []
    events = []
    for number in range(arguments.shoppers):
        query = dice.choice(sorted(pages))
        brand = dice.choice(favourites[query])
        shopper = f"sim-{arguments.level}-{arguments.seed}-{number}"
        shoppers.append((shopper, query, brand))
        events += history(pages, query, shopper, brand, weight, dice)
    for start in range(0, len(events), EVENTS_PER_BATCH):
        shop.post("/v1/events", events[start:start + EVENTS_PER_BATCH])

    differences, found_with, found_without = [], 0, 0
    for shopper, query, brand in shoppers:
        bought = pick(pages[query], brand, weight, dice)["product_id"]
        with_taste = rank_of(bought, search(shop, query, shopper, arguments.personalize)) < FIRST
        without = rank_of(bought, search(shop, query, shopper, 0)) < FIRST
        differences.append(int(with_taste) - int(without))
        found_with += with_taste
        found_without += without
    low, high = interval(differences, dice)
    print(f"{arguments.level}: of {len(shoppers)} purchases {found_with / len(shoppers):.3f} stood among the first "
          f"{FIRST} with taste, {found_without / len(shoppers):.3f} without: "
          f"{sum(differences) / len(differences):+.3f} [{low:+.3f} {high:+.3f}]")

    # Opposite tastes, of a query with two brands to choose from.
    query = next((query for query in sorted(pages) if len(favourites[query]) >= 2), None)
    if query and weight > 0:
        mine, other = favourites[query][:2]
        for shopper, brand in (("sim-mine", mine), ("sim-other", other)):
            name = f"{shopper}-{arguments.level}-{arguments.seed}"
            only = {query: [hit for hit in pages[query] if hit["product"].get("brand") == brand]}
            shop.post("/v1/events", history(only, query, name, brand, weight, dice))
        orders = [search(shop, query, f"{shopper}-{arguments.level}-{arguments.seed}", 100)
                  for shopper in ("sim-mine", "sim-other")]
        first = [[hit["product"].get("brand") for hit in order[:FIRST]] for order in orders]
        print(f"{query}: of the first {FIRST}, {first[0].count(mine)} are of {mine} for who likes it, "
              f"{first[1].count(mine)} for who likes {other}")
        if [hit["product_id"] for hit in orders[0]] == [hit["product_id"] for hit in orders[1]]:
            sys.exit("opposite tastes are served the same order")

    # Nothing is known: exactly the order of nobody.
    for query in sorted(pages):
        stranger = [hit["product_id"] for hit in search(shop, query, "sim-stranger", 100)]
        if stranger != [hit["product_id"] for hit in search(shop, query, "sim-stranger", 0)]:
            sys.exit(f"{query}: a stranger is served another order than nobody")
    print(f"a stranger is served the order of nobody, in all {len(pages)} queries")


if __name__ == "__main__":
    main()
