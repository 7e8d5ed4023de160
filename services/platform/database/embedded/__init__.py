"""PostgreSQL in a data folder, for the demonstration and the tests: started, shared, stopped.

In: a data folder; any number of processes use it at once (`postgres.EmbeddedPostgres.start`).
Out: the URL of a server that runs as long as one of them lives.
Rule: `keeper.Keeper` is the server's parent and decides when it starts and stops; who uses it
holds a lock on a file there (`folder.PostgresFolder`), which ends with them. Which programs run,
as which user and with which settings is in `cluster.py`.
"""
