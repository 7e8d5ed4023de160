"""Who works here: practitioners, agencies, their sessions, and with whom they work.

In: what sources state and the directory holds.
Out: who is signed in (`people.SignedInPractitioner`), relationships for `decide`
(`postgres_case_loads.PostgresCaseLoads`), whom to ring about two people (`stewards.show_pair`).
Rule: who may come in by a provider is in `coming_in.come_in`, how long a session lasts in
`sessions.SessionLimits`; which role may do what in
`permissions.allows`; whose record may be read is not for a role to say but for `decide`.
"""
