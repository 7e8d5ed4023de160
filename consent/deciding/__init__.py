"""May this be shown to whoever asks, and why: the rules, in their order.

In: one question, and everything on record about its persons, compiled (`record.CompiledRecord`).
Out: yes or no, the reasons, the version of the rules, and the decisions that it follows from.
Rule: `decide.decide`. What each person has said, as it stands at one moment, is put in order by
`standing.Standing`; which of several words decide says `words.decisive`, of FHIR Consents too. Many
questions in one transaction go through `decide.Answers`; what is asked again by the next
transaction, through `kept_answers.KeptAnswers`.
"""
