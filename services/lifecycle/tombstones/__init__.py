"""What is left of somebody who was erased: that they, or their family, said no.

In: whom an erasure is about to delete (`postgres.PostgresTombstones.leave`).
Out: whoever comes again under the same identifiers, or name, date of birth and postcode, has the
same refusals in force before anything is stored or published (`came`), is kept apart from whom they
were kept apart, and keeps out the workers whom they had named.
Rule: `tombstone.carried`: what says no, to what and to whom; nothing that names anybody. By whom
they are known again are keyed hashes of the keyed hashes that found them, which find nobody else.
"""
