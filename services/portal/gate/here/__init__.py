"""The pages for a family that is there: a code, an officer, a colleague, or a sheet to write on.

In: forms of who is with a family (`pages.py`) and of who says it is them (`pages_confirm.py`).
Out: the family's pages, open for an hour; or a sheet that shows nothing that is held.
Rule: what opens is for `services.people.presence` to say; each call is one transaction
(`services.HereOnDatabase`). A page says the same whether or not anybody is known.
"""
