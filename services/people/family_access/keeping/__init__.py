"""What somebody of a family keeps in hand themselves: how they are reached, and their copies.

In: orders of who is signed in at the family's own door. Out: states that are only added to.
Rule: what narrows is in force at once (`reach.not_safe`); what sends or gives asks for a code
(services.people.family_access.signing_in); whom a copy may be of is in `copies.may_ask`.
"""
