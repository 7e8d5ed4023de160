"""What rules have found, what waits for a review, what families ask: pages over `services.audit`.

In: filters, and what a reviewer says as codes, with the number of the state that they were shown.
Out: lists with their files, one hit, one review, whom a breach affects, one family's question.
Rule: who may say what is in `services.audit.outcomes` and `services.audit.unusual.reviewing`.
"""
