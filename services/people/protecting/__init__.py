"""Restrictions and exclusions as they lie: a state a row, bound to the ledger, never changed.

In: rows of the database, each doubted (`services.ledger.postgres_bound`).
Out: `consent.model.Restriction` and `Exclusion`, for `decide` and for `may_open`.
Rule: what is not as it was written goes on protecting, and from everybody (`states.py`). Who may
place, change and end them is in `services.decisions.protection`.
"""
