"""Whom a NEMS message is about: the person, and who is told of around them.

In: the Patient and RelatedPerson of a message, and the demographics that it was routed by.
Out: subjects, and the records about nobody else (details, contact, death, relatives). Rule:
`subjects.single_person` numbers what has to agree; `doubts` says what may be settled where two
dates of birth do not.
"""
