"""A council's list of school places becomes one message a child, which warrants what a school says.

In: a list under the titles of `schemas/published/admissions-template.csv`, read in by a council's
officer. Out: a source message for each row: that a place was offered, taken up or given back; and a
mention of the school, told to nobody. Rule: `mapper.source_message_from_place`: a place that was
taken up lets the school's own typed list count (DESIGN.md section 16).
"""
