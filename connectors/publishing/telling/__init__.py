"""What messages tell beside their records: cases, deciders, contacts, likenesses.

In: messages that were taken, and who their subjects are. Out: what is kept of it in the same
transaction (`gathering.Gathering`). Nothing of it is published; each is for one capability.
"""
