#!/usr/bin/env python3
"""The giftshop as the two files of `attune evaluate next-basket`: next_basket.py OUT_FOLDER

Kept are what the store evaluation keeps (src/models/evaluate_store_history.h): lines with a positive quantity, a
customer and a product code.  An invoice is a basket; a customer's last one is the future, those before are the history;
customers with one basket have history alone.  Items are numbered as the file first names them.
"""

import csv
import json
import lzma
import pathlib
import sys

SERVICE_CODES = {"C2"}


def is_product(code):
    return any(c.isdigit() for c in code) and code not in SERVICE_CODES and not code.startswith("GIFT_")


def main(out):
    orders = {}  # (time, invoice) -> (customer, items)
    times = {}
    items = {}
    path = pathlib.Path(__file__).parent / "online_retail.tsv.xz"
    with lzma.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            code = row["StockCode"].upper()
            customer = row["CustomerID"].removesuffix(".0")
            if int(row["Quantity"]) <= 0 or not customer or not is_product(code):
                continue
            time = times.setdefault(row["InvoiceNo"], row["InvoiceDate"])
            basket = orders.setdefault((time, row["InvoiceNo"]), (customer, set()))[1]
            basket.add(items.setdefault(code, len(items)))
    baskets = {}
    for _, (customer, basket) in sorted(orders.items()):
        baskets.setdefault(customer, []).append(sorted(basket))
    history = {c: [[-1], *(b[:-1] if len(b) > 1 else b), [-1]] for c, b in baskets.items()}
    future = {c: [[-1], b[-1], [-1]] for c, b in baskets.items() if len(b) > 1}
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (("history", history), ("future", future)):
        (out / f"{name}.json").write_text(json.dumps(content))
    print(f"{len(history)} customers, {len(future)} with a future, {len(items)} items in {out}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
