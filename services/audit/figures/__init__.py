"""Figures by agency and week or month, for auditors and service managers: no record, nobody.

In: counts that the relay keeps beside the index (`postgres_counts`). Out: tables in which small
counts are hidden, and what could tell them (`suppression`, the rule), as they were when their time
was over (`tables`). Each measure has one unit of time, and no total over several: nothing that is
shown twice, in two windows or on two pages, says more than once.
"""
