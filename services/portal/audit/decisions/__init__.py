"""Decisions that want looking at, and the whole life of one: pages over `services.audit.decisions`.

In: a mark, an agency, how many days. Out: a list and its file, or one decision as it is recorded.
Rule: ids, codes and times; nothing says who in a family said what.
"""
