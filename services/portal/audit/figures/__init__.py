"""Pages of figures, for auditors and for service managers, and of how fast a no works.

In: a month, or days. Out: tables, the same as CSV, and pictures that tell no more than they do
(`bars.bars`). Rule: what is hidden is decided in `services.audit.figures.suppression`.
"""
