"""Unusual access: which looks are worth asking about, and what came of asking.

In: entries of the ledger (`entries.act_of`), relationships as they were known, a list of staff
that is kept as keyed hashes (`staff`), and settings (`settings.unusual_rules`).
Out: hits with their states (`hits.HitRow`), each entered in the ledger; figures of each rule.
Rule: `looking.py`, `days.py` and `later.py` are the rules, pure, put together in `judging.py`;
who may judge a hit is in `reviewing.why_not_theirs`; nothing here opens a record.
"""
