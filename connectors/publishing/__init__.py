"""Messages of a source are published as far as decisions permit, else kept back or parked.

In: the messages that a source's reader gives.
Out: what became of each; for what is permitted, encrypted events in the outbox; for what is not,
a row with its owner; for all of it, entries in the ledger. All of one batch in one transaction.
Rule: `publish.publish_if_permitted` is the only use case that sends a record, and
`select.select_permitted` asks `decide` about each. What this needs from outside is in `ports.py`.
"""
