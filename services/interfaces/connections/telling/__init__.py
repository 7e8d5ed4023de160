"""Telling what becomes of a request to a service: as records, and that something changed.

In: a connection as it stands after a change, by whichever door, and what the service said with it.
Out: an event of ids on the bus, and records by `connectors.community` as far as they are permitted.
Rule: what may not be shared waits with its request, and is told again once that has changed.
"""
