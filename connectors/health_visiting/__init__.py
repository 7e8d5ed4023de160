"""What health visiting sends as NHS event messages becomes records, or is refused with the reason.

In: files with one NEMS message each, FHIR STU3 in XML or JSON (`reader.read_nems`).
Out: the source message that it is: whom it is about, and what it says of them.
Rule: `mapper.source_message_from_bundle` gives each kind of event to a mapper of its own. Whom a
message is about is settled by `persons.subjects.single_person`, which refuses what contradicts
itself. What may be shared of it is not decided here but in `connectors.publishing`.
"""
