"""The implementer's kit: what a new council still lacks, and its papers filled from the policy.

In: settings, and what the database says of agreement, staff, feeds and retention.
Out: what is there and what is not (`checking.what_lacks`), drafts of papers (`templates/`), what
the program is made of (`components.installed_components`).
Rule: it opens no family's records and decides nothing; all that papers say of the policy is read
in one place (`policy.running_policy`).
"""
