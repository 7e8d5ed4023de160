"""Figures by agency and week or month, for auditors and service managers: no record, nobody.

In: counts that the relay keeps beside the index (`postgres_counts.count_batch`), and those that
aggregation, which has the keys, makes of reviews once a month (`postgres_reviews.CountingMonth`).
Out: tables of what may be told, as it was when their time was over (`postgres_figures.figures`).
Rule: what is hidden is in `suppression.shown_row` and `suppression.shown_table`. Each measure has
one unit of time and no total over several: what is seen in two windows says no more than once.
"""
