"""The pages that protect a person: from everybody but a list, or from one worker.

In: forms of who works with somebody (`pages.py`), and of whoever a family turned to
(`pages_exclusion.py`).
Out: what is in force and waits for a second hand; one answer to everybody else.
Rule: whose hands it takes is for `services.decisions.protection`; each call is one transaction
(`services.ProtectionOnDatabase`), entered also where it refuses.
"""
