"""Who is who beyond exact numbers: compare, score, explain, and say when a person must look.

In: what sources say of persons, as far as decisions leave it (`facts.LinkFacts`, `ports.usable`).
Out: persons joined, or a pair that a data steward is asked about (`queue.ask_about`).
Rule: `considering.consider` joins only where one alone is beyond doubt; what forbids it is in
`objections.objections` and `joins.join_persons`; the bits are in `scoring.score`. Joins move
nothing and can be undone; decisions about any of them hold for all (`joined_record.joined_record`).
"""
