"""What the national register of patients (the Personal Demographics Service) tells.

In: its events (`changes`), the Patient with which it answers who asks (`answers`), and signals that
something changed, which carry no record (`signals`).
Out: as every message of health visiting; and whom a source marks as protected (`marks`).
Rule: a signal is shown as a reason to ask, and acts only where it alone says enough
(`signals.source_message_from_signal`).
"""
