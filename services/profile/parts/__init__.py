"""What is stored of the shared profile, as it is read: many small facts under one seal.

In: records, as aggregation stores them. Out: facts, told apart and in order without being read.
Rule: `postgres.PartMarks`: a part holds what `decide` is asked the same of, and is bound to all of
that. What came since it was made stands beside it, a record a row, until it is folded in.
"""
