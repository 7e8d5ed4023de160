"""Registrars' lists of births that are registered, under titles of our own.

In: rows of a list, as any list of ours is read. Out: a source message a row: by which name a child
is registered, when, and in which district. Rule: `mapper.py`; nothing of the certificate beside.
"""
