"""The ledger in the database: entries get a place in a signed tree that anybody can verify.

In: entries, appended in the transaction of what they tell of (`postgres.PostgresLedger`).
Out: signed and witnessed checkpoints, proofs (`proving.prove_entry`), exports (`export.py`), and
hashes that strangers may read (`published.py`).
Rule: `postgres_tree.integrate` gives each entry its place and signs only what extends what was
signed before; `verification.verify_ledger` trusts nobody who holds it. Rows of other tables are
bound to it (`binding.py`, `postgres_bound.BoundRows`); witnesses of it are in `witness/`.
"""
