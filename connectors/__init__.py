"""What agencies send: each source in a folder of its own, and one way out for all of them.

In: a file, a mailbox message or a push, read by the source's own reader (`registry.ROWS`).
Out: records on the bus, where there is a recorded right to share; what is withheld stays with its
owner, what cannot be read is parked with field and reason.
Rule: `publishing.publish.publish_if_permitted`; readers never raise for what is in a file.
"""
