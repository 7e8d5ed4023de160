"""Other systems ask whether something may be shown (OpenID AuthZEN 1.0), and are told why not.

In: an evaluation, or up to a hundred (`authzen.request_from`), with a partner's token.
Out: yes or no with reasons and obligations, and an entry in the ledger for each answer.
Rule: `on_record.evaluate_and_record` asks the `decide` of every page. Over Consents in files alone
it is `consent_files.evaluate_by_consents`, which records nothing. How requests name things is in
`questions.py` and `words.py`; statuses are in `app.py`.
"""
