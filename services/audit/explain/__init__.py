"""Why an access was allowed or refused, and what a worker could have seen: decided once more.

In: an entry of the ledger (`postgres_explaining.explain`), or a worker, a family and a day
(`postgres_could_see.could_see`); every port as it was then.
Out: which decision, relationship, warrant, role, agreement and rule it rested on, in a sentence
(`explaining.Explanation`).
Rule: only what is kept of that time counts; where it is not kept, that it cannot be told.
"""
