"""The pages on which a family's sharing decisions are recorded, listed, changed and printed.

In: forms (`form.read_decision`), read strictly; what is wrong is told beside its field.
Out: pages in words (`words.py`), confirmations, consent receipts (`receipts.words.receipt_page`).
Rule: what may be recorded or changed is in `consent.decisions`, who may in
`services.decisions.at_the_desk`; here it is only offered. What a form says as an order is in
`orders.py`, the sentences of a refused one in `refused.py`. Routes: `pages.py`, `pages_record.py`,
`pages_change.py`, `pages_second_hand.py`.
"""
