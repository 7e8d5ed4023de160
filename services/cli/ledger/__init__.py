"""Commands that prove and check: verify the ledger, print proofs, export it, be a witness.

In: a database (`database.py`), or only files and verifier keys (`files.py`).
Out: a checkpoint, a proof, an export, a report; exit code 1 where something is not valid.
Rule: what is verified is in `services.ledger.verification.verify_ledger`, when a witness cosigns
in `consent.transparency.witness`. Checks and the witness run without a database or its drivers.
"""
