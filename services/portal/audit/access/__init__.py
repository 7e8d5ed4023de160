"""Who looked, what was tried and refused, why it was so, and what could have been seen.

In: a family and a worker by opaque numbers, which a form (`pages_naming`) gives for those typed.
Out: lists with their files, one access explained, one day of one worker with one family.
Rule: `services.audit` answers; these pages put it into words, each row with its way to Explain.
"""
