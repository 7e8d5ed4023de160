"""Benches of the way from a file to the profile: where its CPU goes, how long it takes, at rest.

`where` takes one message apart, `steady` sends at a rate and watches, `capacity` reckons with it
what a council, a region and England need, `idle` watches an installation that has nothing to do.
"""
