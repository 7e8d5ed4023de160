"""Sharing decisions, restrictions and agreements: who may record and change them, how they lie.

In: orders of practitioners, decisions as the core makes them (`consent.decisions`), and persons.
Out: everything on record about them, for `decide` (`postgres.PostgresDecisions.on_record`).
Rule: what a practitioner may do is in `at_the_desk.record` and beside it; who is protected, and
from whom, in `protection`. A decision is a JSON document (`documents.document_from_decision`); one
older than a field reads as that field's default. Agreements never change.
"""
