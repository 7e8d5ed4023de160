"""The event bus: topics that are read by position, on Apache Kafka or in PostgreSQL.

In: messages to publish; what is queued in a transaction (`postgres_outbox.PostgresOutbox`).
Out: messages in the order of their log, and positions that are stored with what was done.
Rule: the contract is `ports.EventBus` and `ports.Subscription`, and one suite holds both buses to
it. An address chooses between them (`address.open_event_bus`). Exactly once in effect:
`postgres_positions.ConsumerPositions`.
"""
