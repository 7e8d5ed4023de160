"""Asking a family what it decides, one question a page, answers kept on the server meanwhile.

In: what a practitioner chose on each page. Out: the forms of `services.portal.decisions.form`,
which are read as the long form is; law is derived and never asked of a family.
Rule: `steps.py`, which question follows which and what answers come to.
"""
