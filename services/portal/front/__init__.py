"""The first pages: signing in and out, one's families, finding one, and what waits for an answer.

In: who is signed in, or picks who they are (`pages.py`); an order of two and an answer to it
(`pages_orders.py`).
Out: where somebody goes from there; what is asked of them, by whom and until when.
Rule: which kinds of order there are and whose they are is in `orders.py`; whether somebody may be
the second hand is each kind's own rule. Each call is one transaction, entered also where it
refuses.
"""
