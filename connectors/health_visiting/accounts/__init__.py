"""What the other events of Digital Child Health tell, beside those that have mappers of their own.

In: a NEMS message about an Encounter, or a failsafe alert. Out: one occurrence, with problems,
allergies, requests, stays and answers as lines; what has no place in it is counted as more at its
source. Per event: deploy/conformance/dch-examples.md. The rule: which event is called what is
in `encounters.ACCOUNTS`; nothing is told that was refuted, entered in error, not done, written
freely, or is somebody else's (`problems`, `requests`, `connectors.health_visiting.nems.whose`).
"""
