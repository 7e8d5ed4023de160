"""The shared language: the words, identifiers, records and messages that all parts exchange.

In: codes and values of sources, and bytes from the bus (`envelope.event_from_message`).
Out: values that check themselves and hide themselves when printed (`identifiers.py`), and what is
published for partners, written from the models (`publishing.documents`).
Rule: closed lists, each code with its label, are in `vocabulary.py`; what lies on the bus for how
long is in `topics.py`. Nothing here imports anything else of ours.
"""
