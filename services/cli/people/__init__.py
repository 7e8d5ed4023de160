"""Commands about who may ask: what governance has to look at, rotas of cover, referrals.

In: what was typed; out: one document, and an exit code that says whether it was done (3: refused).
Rule: they act as `operator:<system account>` (`services.cli.operator`) and open no records.
"""
