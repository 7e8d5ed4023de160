"""Saying yes, or no, on one's own page: to what is asked, and to what nobody asked.

In: a fresh code with each answer. Out: the decision, in force at once. Rule: what may be said, and
what is on the list, is in services.decisions.saying_on_own_page; here are the pages of it.
"""
