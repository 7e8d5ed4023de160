"""Each agency's own cases: whom its feeds tell of, by which name, and who of it works with them.

In: what messages tell (`taking.OwnCasesTaken`), whatever is published or withheld of them.
Out: relationships (`deriving.relationships_of`), and the agency's own label of somebody, opened
for one practitioner at a time (`opening.own_labels`).
Rule: an agency that is merely named gets nothing; who may see a label is
`consent.deciding.own.may_see_own`. A rebuild touches none of this.
"""
