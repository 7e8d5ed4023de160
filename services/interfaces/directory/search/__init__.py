"""Finding services: by need, words, age, place, day, language, access and cost; and postcodes.

In: what somebody looks for (`asked.ServicesAsked`), which is neither logged nor kept.
Out: a page of entries, those for whom it is open first, then nearest, then checked lately.
Rule: `postgres.find` has the order; a postcode becomes a point in `postcodes`.
"""
