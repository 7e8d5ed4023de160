"""The auditor's workbench: who looked at whom and why, what is unusual, what was found of it.

In: a question in ids and codes (`asked.AuditAsked`), in one transaction with every port in it.
Out: frozen answers of ids, codes, times and the names of staff (`postgres_answers.Auditing`), a
page at a time; never a total, never what a record holds, never the name of a family member.
Rule: a question is in the ledger, with who asked it, before it is answered
(`asked.enter_question`), and an export before its first row leaves (`exports.exporting`); what a
review may find, and who may find it, is in `outcomes.found`; which looks are worth asking about in
`unusual.judging`.
"""
