"""Commands of the auditor's workbench: questions, explaining, reviews, unusual looks, exports.

In: what was typed, ids and codes; out: one document of ids, codes, times and names of staff, and an
exit code (3: not theirs to ask, 5: cannot be told). Rule: what is asked is entered in the ledger
first (`services.audit.asked.enter_question`), and what is taken away before its first row
(`services.audit.exports.exporting`); no content of a record, and no name of a family.
"""
