"""What is past its time goes from the shared profile, unless somebody is held for an inquiry.

In: rules from a JSON file (`rules.retention_rules`), and the marks beside each sealed record.
Out: what went, or would go, by rule, with an entry for each person and rule (`sweep.sweep_batch`).
Rule: `rules.kept_until` says the last day of a record; `holds.hold_person` keeps it longer. What
comes past its time is not stored at all (`sweep.unless_past`). Nothing is opened to be swept.
What ends every table that refers to a person is listed in `ends.ENDS`.
"""
