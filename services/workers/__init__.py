"""The processes that work by themselves: read, relay, aggregate, resend, sweep, ask witnesses.

In: an application (`services.bootstrap.Application`); files, a mailbox, the bus, the clock.
Out: effects in the database and on the bus, each exactly once whoever dies when.
Rule: a batch is one transaction (`consuming.Consumer`); loops and their order are in
`processes.py`. What is decided on the way is in the capability each module calls, not here.
`draining.drain` does all of it once for a folder that nobody serves.
"""
