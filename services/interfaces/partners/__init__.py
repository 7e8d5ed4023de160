"""Partner systems: who may send and ask, how they show who they are, and what they are told.

In: requests with an access token (`calling.ScopeGuard`), and commands that add or suspend partners.
Out: an answer, or Problem Details for every failure, from one table (`problem_details.KINDS`).
Rule: no route without a scope (`calling.scoped_router`); what a partner may do was granted in
`onboarding.add_partner`; for whom it may ask is in `acting.account_of`. Tokens are given in
`oauth`, messages taken in `push`; what is published of it is written by `described/`.
"""
