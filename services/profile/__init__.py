"""The shared family profile: stored as far as it is permitted, read as far as it is permitted.

In: records from the bus (`storing.store_permitted`), news of decisions (`storing.reconsider_all`),
and orders to read (`viewing.ReadProfile`).
Out: one family as one practitioner may see it, or a refusal that hints at nothing (`model.py`).
Rule: `decide` is asked before storing and again for each reader. How far somebody may go from a
child is in `opening.view_family`; `reading.read_profile` enters the look before it answers; whom
somebody may find, and who is closed to them, is in `families/`; who may write the story in
`story/writing.py`; a source that says nothing is no blank (`source_status.source_statuses`).
"""
