"""Short messages to people outside: one text to one address, by e-mail or by text message.

In: what is queued in the transaction that wants it sent (`postgres_outbox.PostgresMessagesOut`).
Out: a message handed over by `smtp.SmtpMessages`, `gateways.SmsGateway`, `gateways.Webhook`, or
written where one can read it (`file.FileMessages`, for the demonstration).
Rule: the contract is `ports.Messages`; which adapter carries what is in `address.open_messages`.
Recipient and text are sealed while they wait and gone once they are handed over.
"""
