"""Partner systems send messages over HTTP, and read what became of them.

In: CloudEvents (`events.read_events`), or a batch of children as authorities' senders push it.
Out: what became of each message, told and kept to be read again (`routes_lists.py`).
Rule: `pushing.push_events` and `pushing.push_children` publish as every connector does, all of a
request or nothing; what was withheld is not kept but asked for again once it may be permitted.
"""
