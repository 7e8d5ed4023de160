"""Witnesses of the ledger: others who sign that they saw it, and what they saw compared.

In: a signed checkpoint. Out: a cosignature of it, asked for over HTTP (`postgres.HttpWitness`).
Rule: a witness signs only what extends what it signed before; `app.create_witness_app` is one for
others' logs, with its memory in `memory.py`; `comparing.py` finds two that saw different trees.
"""
