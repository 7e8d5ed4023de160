"""Files and messages of partners are read without trusting them.

In: bytes as a partner sent them.
Out: XML elements, JSON values, names and dates; or UnreadableMessageError with field and reason.
Rule: XML has no entities, no DOCTYPE and no network (`safe_xml.parser_options`); in JSON what is
ambiguous or not text is refused and never guessed at (`strict_json.read_json`); how much of
anything is read stands in `limits.py`.
"""
