"""Whatever comes becomes a message or a reason: what connectors read, damaged in every way.

In: `seeds.seeds_of`, invented messages of each format in which names and addresses are a canary.
Out: `running.judge_all`, what became of so many damaged inputs, how long and how large each was.
Rule: `judging.judge` says what may become of one: a message that can travel, or a reason of the
closed list, with no value in it. Damage follows from seed, format and number alone
(`damage.damaged`), so that each input can be made again.
"""
