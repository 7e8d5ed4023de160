"""What auditors ask of the ledger and of what is beside it.

`unusual` says which looks are worth asking about (`services.audit.unusual.judging`).
"""
