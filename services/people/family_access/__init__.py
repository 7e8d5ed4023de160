"""The family's own door: who has access, how they sign in, and for which child they may act.

In: a visit that a second hand confirmed, with what the person said alone (`giving.give_access`);
a telephone number or address of e-mail, a code and a date of birth (`signing_in`).
Out: a `FamilySession`, and by `acting.reach_of` what an adult reaches of a child.
Rule: a contact signs in only whom it is held of now, and nobody else (`contacts.only_theirs`).
Known, unknown, switched off and restricted are told one thing. Nobody here opens a record.
"""
