"""Feeds: the ways in that two officers have registered to an agency, and classed.

In: who registers which way in (`registering.ask_feed`), and by which way a message came (`CameBy`).
Out: whose feed that is (`postgres.PostgresFeeds.feed_of`), for whoever takes in its cases.
Rule: a feed is *kept* where somebody else than the agency's own workers allocates, else *typed*;
what comes by no registered feed is nobody's own.
"""
