"""Why a practitioner may ask about a person at all, from when until when, and who stands for it.

In: a relationship with its warrant (`model.HeldRelationship`), from whoever has seen the warrant.
Out: what lets somebody ask now (`postgres.PostgresRelationships.may_open`), and their list.
Rule: nobody makes their own; the table only grows, and no rebuild touches it. What each ground
opens is in `consent.question.Reach`.
"""
