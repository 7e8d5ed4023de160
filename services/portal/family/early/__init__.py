"""The page "From pregnancy to two": what is due, done and overdue for a young child.

In: the profile of one visit. Out: a line a step, with what tells so. Rule: none of its own: see
`services.profile.merging.early`.
"""
