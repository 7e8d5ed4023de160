"""Before a message is decided on: which it is among others, whose it is, and what is not known.

In: messages as they came, and what was taken before. Out: each under the id and version under
which it is taken, its doubts settled or kept, and about whom those are that could not be read.
Rule: `order.in_order` says which of two is newer where no source does; `doubts` what settles one.
"""
