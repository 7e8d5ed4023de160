"""Whether everything is as it was written: ledger, witnesses, rows, backups, keys, alarms.

In: what the database, the vault and files beside it tell now, and what passes over the whole ledger
found when they ran (`postgres_passes.last_pass`); none runs in a request.
Out: a finding for each part (`postgres_looking.look_at_integrity`), an alarm to the outside once
something more is off (`alarms.watch_integrity`), a proof (`postgres_proving.proof_of`).
Rule: `standing.together` says whole only where every part is known and none is off.
"""
