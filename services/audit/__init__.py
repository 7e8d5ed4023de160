"""The auditor's workbench: what auditors ask of the ledger, and what they take away.

In: who asks, in ids and codes. Out: ids, codes and times; never what a record holds, and never the
name of a family member. Rule: what is taken away is entered before it leaves, in
`services.audit.exports.exporting`.
"""
