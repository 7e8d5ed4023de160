"""One fact from one source: what it says, of whom, and what message it came in.

In: what a source's mapper read.
Out: a message from a source (`message.SourceMessage`), and its records as they travel and are
stored once persons are known (`published.PublishedRecord`).
Rule: what a record can say is the closed list `payloads.Payload`; dates stay as precise as they
were given. Whom a family keeps a record to is marked on it and only ever takes away
(`published.is_within`).
"""
