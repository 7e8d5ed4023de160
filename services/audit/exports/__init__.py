"""What auditors take away: entries of the ledger as CSV, JSON lines, FHIR AuditEvents, or a case.

In: who exports, why, and which entries (`chosen.py`). Out: bytes, as they are read: a page sends
them, a command writes them (`exporting.py`).
Rule: the export is in the ledger, committed, before its first byte; its end is too. It is read from
the ledger itself and from no index, so no entry is left out for want of a row elsewhere. An entry
that is not well-formed gives its place and its hash alone: what leaves holds codes and opaque ids.
"""
