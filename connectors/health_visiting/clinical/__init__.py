"""What a midwife, health visitor or nurse found and did, as records of the child it is about.

In: an opened message about a birth, a review, a screening, an assessment or a vaccination.
Out: subjects and records (`connectors.health_visiting.mapped.Mapped`), most for the timeline.
Rule: one function for each kind of event, named `…_from_message` and listed in
`connectors.health_visiting.mapper`. Findings are told as their source coded them and nothing is
concluded; only whether a review was on time is worked out (`timeliness`). What was
written freely stays at its source.
"""
