"""Commands that end things: erase a person, rotate keys, sweep by age, build the profile anew.

In: whom or what it is about, who orders it and why.
Out: what went or, with --dry-run, would go; of an erasure the proofs that it went.
Rule: in `services.lifecycle` (erasure, rebuild, retention) and `services.workers.keys`.
"""
