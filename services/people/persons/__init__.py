"""Who is who by exact number: persons, the identifiers they have had, and who are one.

In: subjects of messages and forms (`subjects.subject_from_text`).
Out: the person's opaque id, or why two cannot be one (`postgres.PostgresPersonIndex.resolve`).
Rule: identifiers are found by keyed hashes, names never lie in the clear; a contradicting number
or date of birth links nobody. `postgres_clusters.PostgresClusters` alone knows which are joined.
"""
