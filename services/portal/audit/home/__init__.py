"""The first page of the workbench: whether all is whole, what waits, and the eight questions.

In: nothing but who looks (`pages.py`); out: counts, days and links (`words.py`). Rule: what waits
is for `services.audit.postgres_what_waits` to count, each sort no further than its bound, so that
the page is as quick with ten million entries; it tells how much waits and never of whom.
"""
