"""The pages on which somebody answers for a partner.

In: `services.AnsweringOnDatabase`, each call one transaction. Out: `app.create_answering_app`.
Rule: GET and HEAD change nothing; a page before the code tells nothing of a request, not even
whether there is one.
"""
