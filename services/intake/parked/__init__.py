"""Messages that could not be read, or are nobody's: what waits, why, and what to do about it.

In: what connectors park (`services.intake.postgres_kept_back.Parking`), and what a data steward or
an operator says of it (`answering`). Out: the list, urgent ones first (`postgres.ParkedMessages`),
what contradicts itself in one (`showing`), what was sent in the field at fault (`as_sent`), and
what each reason asks for (`remedies`). Nothing here tells what a message says but for dates that
contradict each other and, for a reason, the field at fault: to a data steward, who is entered.
Whoever accepts one is two people: deploy/decisions/2026-11-30-contradictions-have-a-way-on.md.
"""
