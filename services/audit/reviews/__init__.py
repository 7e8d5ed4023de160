"""Reviews: what waits in governance's queue, what was found of it, and what families ask.

In: an item of the queue, and what a reviewer found (`reviewing.review`); a family's question
(`questions.ask_for_family`).
Out: items by due day with how far each is (`waiting.reviews_waiting`), and the review as it stands.
Rule: who may find what is in `services.audit.outcomes`; nothing here opens, widens or hides
anything, so its rows are histories and not bound (`postgres.PostgresReviews`).
"""
