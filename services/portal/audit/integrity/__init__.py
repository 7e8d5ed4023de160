"""Pages of integrity, and of the proof of one entry or row.

In: nothing, or the number of an entry. Out: how each part stands, in words (`words.part_lines`).
Rule: what is whole is decided in `services.audit.integrity.standing.together`.
"""
