"""Files into the connectors: named ones now, or whatever is put into a watched folder.

In: paths (`reading.ingest`) or a folder (`watched_folder.WatchedFolder`).
Out: what became of each message; the file put away once all of it is durable.
Rule: a file is read when nobody writes to it any more (`done_folder.FinishedFiles`), in batches of
one transaction each, and one bad file stops none. Dying anywhere brings the same file again, which
changes nothing.
"""
