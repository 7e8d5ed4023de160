"""What persons are compared by, who is joined and who is asked about, in the database.

In: facts, joins and pairs from `services.people.linking`, in the caller's transaction.
Out: persons who share a search key (`facts.PostgresLikenesses`), joins, the queue of pairs.
Rule: none of its own. Facts are sealed under their person's key, and somebody is found by keyed
hashes only (`tokens.search_tokens`); a hash that too many share finds nobody.
"""
