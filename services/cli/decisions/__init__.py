"""Commands about sharing: record and change decisions, ask `decide`, agreements, restrictions.

In: what is typed (`options.py`), or FHIR Consents in a file (`files.order_from_file`).
Out: the decision and the entry that proves it, as text, JSON or Consents; answers and receipts.
Rule: what may be recorded and changed is in `consent.decisions`, who may be shown what in
`consent.deciding`; here is only how it is typed and printed.
"""
