"""What somebody of a family is shown on their own page: who can see what, and who has looked.

In: whom they reach (services.people.family_access.reaching), decisions, looks. Out: rows of codes
and times for words to be made of. Pure, but for the two modules named postgres.
Rule: `tellable` says which decisions are theirs to know of; all else reads as if it were not there.
"""
