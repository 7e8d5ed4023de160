"""Who may protect a person, by whose hands that changes, and whom a family has named.

In: orders of practitioners and of information governance, each as one hand (`hands.Hand`).
Out: restrictions and exclusions as they stand, orders that wait for a second hand, refusals.
Rule: `restricting.place` and `changing.ask_change` for restrictions, `excluding.record` and
`ending.ask_end` for exclusions. What a restriction may become at all is in
`consent.decisions.restrictions`.
"""
