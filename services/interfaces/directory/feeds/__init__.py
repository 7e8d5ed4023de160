"""Councils' feeds, read every night: fetched with care, staged, and swapped in one transaction.

In: addresses that an officer has entered, in Open Referral UK 3.0 or 1.
Out: entries in the directory; what was parked, by record and field; how each feed fares.
Rule: `fetching` says what may be reached, `pulling.read_feed` when what was read takes the place of
what was there.
"""
