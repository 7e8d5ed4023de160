"""Who has which account: suspending, joining sign-ins, agencies, and lists of staff.

In: what an administrator asks for, and what a lead of that agency accepts (`answering`).
Out: states of memberships and of sign-ins, each bound to the ledger; who works where, for whoever
looks after it (`people`); what partners did in somebody's name (`names_used`).
Rule: what lets somebody in takes two hands, what takes it away takes one
(`services.people.relationships.staff`).
"""
