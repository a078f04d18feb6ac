"""Every number that shapes a simulated searcher, with the reason for its value, at three levels.

  easy       what is wanted differs a lot between the hits of a query: a sanity check.
  realistic  what a searcher sees of a hit explains little of the click: the log-odds of products differ by .5, against
             the noise of a coin that is tossed once (variance of a logistic variable: 3.29), so .25 / 3.54 = 7 %.
  null       every hit is as good as another: whoever moves hits far here follows chance.
"""

# Standard deviation of the log of a product's own chance to be clicked, for one query.
APPEAL_DEVIATION = {"easy": 1.5, "realistic": 0.5, "null": 0.0}

# Chance that a hit that was looked at is clicked, in the mean: published click logs of shops have 5 to 15 % at the first
# place, where nearly everybody looks.
CLICK_CHANCE = 0.12

# Chance that place k (from 0) is looked at: 1 / (1 + k) ** LOOK_EXPONENT.  Eye tracking finds about half at the third
# place.  The engine does not know it: it estimates its own, or falls back to another formula.
LOOK_EXPONENT = 0.7

# Of clicks, and of carts: usual funnels (parameters.h says more).
CART_PER_CLICK = 0.15
ORDER_PER_CART = 0.32

# Exponent of the popularity of queries: a few are asked by many.
QUERY_EXPONENT = 0.8

# Weight of a shopper's favourite brand in what they pick, beside a product's own appeal and Gumbel noise (variance 1.645),
# as in parameters.h: easy 3.0 explains half of the variance of utility, realistic 1.1 explains 13 %.
TASTE_WEIGHT = {"easy": 3.0, "realistic": 1.1, "null": 0.0}

# Standard deviation of a product's own appeal, the same for everybody: popularity exists without taste.
PRODUCT_APPEAL_DEVIATION = 0.5

# Products that a shopper looked at before the search that is judged, and of these the ones put into the cart: what a shop
# knows of somebody who came a few times.
PRODUCTS_SEEN = 12
CART_PER_VIEW = 0.15

# Share of these from what the shopper will search for: a search is seldom the first thing that somebody does about a thing
# that they want.
SEEN_OF_THE_QUERY = 0.5
