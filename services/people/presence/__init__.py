"""A family that is with a practitioner: shown to be who they are by somebody else, or not.

In: what a practitioner says (`beginning.begin`), a code that the family reads out (`codes`), the
answer of a confirming officer or a colleague (`confirming`), a sheet written meanwhile (`sheets`).
Out: relationships for one hour, warranted by a second hand (`beginning.open_to`).
Rule: to whom a code may go is in `contacts.contact_for_code`; who was in the room may forbid all
of it (`consent.circumstances.is_confirmable`). Nobody learns here whether somebody is known.
"""
