"""Who may decide for a person, as sources have told it: kept at intake, read when deciding.

In: facts that every message leaves, published or not (`postgres_intake.PostgresDeciderIntake`).
Out: what `consent.decisions.deciders.check_decider` asks (`postgres.PostgresDeciderFacts.of`), and
who is named, for a recorder's list (`postgres.list_choices`) without whom they may not know of.
Rule: they open and show nothing; names are compared as keyed hashes (`naming.references_of`), lie
sealed under the person's key, and go with it.
"""
