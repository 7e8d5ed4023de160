"""Proofs that anybody can check: what the ledger held was not changed, and others saw it.

In: the size and root of a tree, and keys; or notes, proofs and requests that others wrote.
Out: signed checkpoints and proof files in C2SP's text forms, or the error that says what fails.
Rule: whom to believe is in `checkpoint.open_checkpoint`; a witness cosigns only what extends what
it saw last (`witness.add_checkpoint`). Pure: no network, no files.
"""
