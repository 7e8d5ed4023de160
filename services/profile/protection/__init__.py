"""Where a protected person lives is told by nobody's record, not even by a neighbour's spelling.

In: the records that would be shown or stored, and the restrictions in force.
Out: the records that tell nothing of such a place; keyed hashes of places to protect.
Rule: `homes.without_protected_homes` for restrictions and `homes.without_protected_places` for
what a source protects: both only take away. When two spellings are one place is in
`places.forms_protected`; hashes outlive the records they came from (`postgres.py`).
"""
