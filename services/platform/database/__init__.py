"""The database: connections, its shape by version, and what all processes count or wait for in it.

In: an address and a role (`engine.open_engine`); a version to bring it to (`migrating.migrate`).
Out: engines whose errors carry no value, and one name for every failure of the other side
(`engine.database_failures`).
Rule: limits are token buckets that every process shares (`buckets.take_from`); who must not work
at the same moment says so here (`activity.mark_in_flight`). `embedded` runs PostgreSQL in a folder.
"""
