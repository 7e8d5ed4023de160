"""The auditor's workbench: who looked at whom and why, what is unusual, what was found of it.

In: a question in ids and codes (`services.audit.asked`), one transaction (`services.work`).
Out: frozen answers of ids, codes, times and the names of staff, a page at a time, keyed by where
the last one ended; never a total, never what a record holds, never the name of a family member.
Rule: a question is in the ledger, with who asked it, before it is answered; what a review may find
and who may find it is in `outcomes`, for the queue and for what is unusual alike.
"""
