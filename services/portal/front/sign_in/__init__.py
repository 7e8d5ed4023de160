"""Coming in and going out: providers of sign-in, accounts, sessions, conditions of use, drafts.

In: what a browser or a provider sends. Out: a session's cookie, or a page that says what to do.
Rule: `services.people.practitioners.coming_in` says who may come in, and
`services.people.practitioners.sessions` how long; nothing of a token comes into a page, an address
or a log but codes of roles and organisations.
"""
