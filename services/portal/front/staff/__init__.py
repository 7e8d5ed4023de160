"""Pages of who works where: an administrator's, and a lead's for their own agency.

In: what an administrator asks for, what a lead ends or suspends at once; who stands in for whom.
Out: orders that a lead accepts on "What waits for you"; who works where, since when, by whom.
Rule: none of its own: see `services.people.relationships.staff`, `services.people.staffing`,
`services.people.relationships.cover`.
"""
