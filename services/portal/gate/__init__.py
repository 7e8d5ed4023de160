"""The pages by which a family may be opened that is not one's own, and closed again.

In: forms about a person by number and date of birth (`pages.py`), so that no address names anybody.
Out: one page for everybody to whom nothing is shown; the bar with the time at which access ends.
Rule: what opens is for `services.people.relationships` to say; each call is one transaction
(`services.GateOnDatabase`), entered also where it refuses.
"""
