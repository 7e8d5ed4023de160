"""Whether everything is as it was written: ledger, witnesses, rows, backups, keys, alarms.

In: what the database, the vault and files beside it tell now (`postgres_facts`), and what passes
over the whole ledger found when they ran (`postgres_passes`; none runs in a request).
Out: a finding for each part (`standing`), an alarm to the outside once it turns red (`alarms`), a
proof of one entry or row (`proving`).
Rule: `standing`: whole is said only where every part is known and none is off.
"""
