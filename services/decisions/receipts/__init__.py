"""A family's consent receipt is issued from the record and the ledger, signed, and checked offline.

In: a decision on record (`postgres.ReceiptIssuer.issue`), or the file of a receipt and keys.
Out: the receipt's file, once the ledger proves every event in it; or what in a file does not fit
(`checking.check_receipt`).
Rule: what a receipt says is in `consent.receipts`; how it is signed is in
`signing.ReceiptSigner`, with a key that cannot sign the ledger.
"""
