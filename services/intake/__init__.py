"""What became of each message of a source, and where what was not published waits.

In: dispositions and messages from `connectors.publishing`, in its transaction.
Out: what a redelivery finds (`postgres_dispositions.PostgresRecordedDispositions`); what is read,
sent or asked for again once it is permitted; parked messages, sealed, until they are replayed.
Rule: who keeps what is in `postgres_kept_back.py`: health visiting's own store, the file to read
again, or nothing but a keyed hash where the owner sends it again.
"""
