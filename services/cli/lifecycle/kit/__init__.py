"""The implementer's kit: what a new council still lacks, and its papers filled from the policy.

In: settings, and what the database says of agreement, staff, feeds and retention.
Out: a list of what is there and what is not (`checking`), drafts of papers (`templates/`), and what
the program is made of (`components`). It opens no family's records, and decides nothing.
"""
