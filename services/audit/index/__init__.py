"""By what auditors find entries of the ledger: derived from it, and nothing without it.

In: entries that have their place in the tree (`postgres_index.index_batch`).
Out: entries of a sort, about somebody, by somebody, in a time (`postgres_entries.AuditedEntries`).
Rule: the index finds and the entry tells (`entries.index_row`); what is not indexed yet is read
from the ledger itself (`postgres_index.not_yet_indexed`).
"""
