"""A person is erased: everything held goes, their keys are destroyed, and that is proved.

In: an order with its ground and who gives it (`erasing.ErasePerson`).
Out: the erasure with what its keys are destroyed by, or why nobody was erased; ledger entries.
Rule: `erasing.order_erasure` and `erasing.finish_erasure`, with the vault between them
(`services.workers.erasure.erase`). What goes from which table and what stays is listed in
`postgres.GONE` and `postgres.STAYS`.
"""
