"""The first page of the workbench: whether all is whole, what waits, and the eight questions.

In: nothing but who looks; out: counts, days and links. Rule: it tells how much waits and never of
whom, and each count is bounded, so that the page is as quick with ten million entries.
"""
