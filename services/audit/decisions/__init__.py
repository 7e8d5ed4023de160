"""Decisions that want looking at, and the whole life of one: as they are recorded, never judged.

In: a mark (`marks.DecisionMark`), or a decision's id.
Out: decisions by mark (`postgres_marks.MarkedDecisions`), and one with its states, what it let
through and what followed (`postgres_lives.life_of`).
Rule: what marks a decision is in `marks.marks_of`; whether it permits anything is for `decide`.
"""
