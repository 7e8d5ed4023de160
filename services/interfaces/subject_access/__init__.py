"""Everything held about one person, for whoever has a right to it (UK GDPR article 15).

In: an order by information governance: about whom, to be handed to whom
(`reporting.MakeReport`).
Out: the report (`held.SubjectAccess`), as a FHIR Bundle (`bundle.py`) and to print (`page.py`).
Rule: `withholding.Withholding` says what is not handed over and why, before anything is opened;
`reporting.make_report` enters the report in the ledger before anybody has it.
"""
