"""The auditor's workbench: pages over `services.audit`, for information governance.

In: filters as GET forms, in ids, codes and days; out: pages and CSV of ids, codes, times and names
of staff. Rule: a page is an answer to a question that is entered in the ledger first (`ask`),
shows no content of a record, and has no number that somebody typed in its address.
"""
