"""What somebody keeps in hand on their own page: how they are reached, and copies of what is held.

In: forms, and a new code for what sends or gives. Out: pages; what is done is in
services.people.family_access.keeping.
"""
