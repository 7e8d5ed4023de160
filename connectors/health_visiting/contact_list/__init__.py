"""Reviews, contacts and health visitors as a list, from a trust that has no MESH mailbox.

In: a list under the titles of `schemas/published/health-visiting-template.csv`.
Out: a source message for each row: who the child is, a review or contact, who their health visitor
is. Rule: `mapper.source_message_from_contact`; a row names its child by a number that passes its
check, or it is nobody's.
"""
