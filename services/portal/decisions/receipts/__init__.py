"""A family's own copy of what was decided: a page to print, a PDF, a file that anybody can check.

In: the file of a receipt, as it was issued (services.decisions.receipts).
Out: its page, and the same as one sheet of paper, in a language whose words were released.
Rule: `languages.py`, a translation is shown once a named person has released it, and otherwise
English. What needs a library of its own (`paper.py`) is left out where there is none.
"""
