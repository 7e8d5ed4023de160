"""What somebody of a family keeps in hand themselves: how they are reached, and their copies.

In: orders of who is signed in at the family's own door. Out: states that are only added to.
Rule: what narrows (this is not safe) is in force at once; what sends or gives asks for a code.
"""
