"""What services in the community answer and report, published as the records of every source are.

In: how a request stands that a family agreed to (`mapper.Reported`), of known persons, by whichever
door the answer came. Out: events in the outbox and entries in the ledger. Rule: `decide` is asked
of each record; what it withholds stays with the request, and is told again once it is permitted.
"""
