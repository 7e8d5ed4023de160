"""An NHS event message is opened: its parts are at hand and checked, nothing is mapped yet.

In: the bytes of a message, in XML (`encodings.nodes_from_xml`) or JSON
(`encodings.nodes_from_json`); both give the same nodes.
Out: header, entries and elements by name (`message.read_message`, `nodes.py`).
Rule: what is too large, too deep or ill-formed is refused with its field and the reason, never
with the value. Source: NHS England, National Events Management Service (FHIR STU3).
"""
