"""The pages that show a family: overview, timeline, and who has looked.

In: a profile as its reader may see it (`services.profile.model.Profile`), or a refusal.
Out: cards and lines in words (`overview.overview_of`, `people.people_cards`, `looks.look_lines`).
Rule: what is shown was decided before, in `services.profile.reading`. Here only this is left out:
what parents are not told, from what is printed for them (`looks.looks_for_parents`).
"""
