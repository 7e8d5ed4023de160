"""What several sources say of one family is put side by side; nobody's word is overwritten.

In: the records that one practitioner may see, in whatever order and however often.
Out: the sections of a profile: people, households, services, timeline, plans, needs.
Rule: `claims.claims_of`: each value with everybody who says so, the most recent verified first. Of
a family `households.family_sections`, of all else `sections.py`. Pure, order-free, idempotent.
"""
