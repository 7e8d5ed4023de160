"""Asking a service of the directory to help a family, with the family's word, and what it answers.

In: what a worker and a family put together, a partner's answer, the time that passes.
Out: one connection with its life, and what a partner may see of it, asked of `decide` each time.
Rule: `life.py`, which change may follow which. Nothing here opens a family's record.
"""
