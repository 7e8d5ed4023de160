"""By what each table that refers to a person ends, and why what has no rule lasts. Pure.

A new table is listed here, or a test fails: nothing is kept for ever by having been forgotten.
"""

from collections.abc import Mapping

RECORDS = "rules"
"""By the rules for each source and category."""

ENDS: Mapping[str, str] = {
    "record": RECORDS,
    "record_part": RECORDS,
    "case_load": RECORDS,
    "look": "looks",
    "contact_told": "facts",
    "decider_fact": "facts",
    "decider_name": "facts",
    "listed_pupil": "facts",
    "person_facts": "facts",
    "person_identifier": "facts",
    "own.own_death": "own_labels",
    "own.own_label": "own_labels",
    "family_code": "codes",
    "family_session": "codes",
    "presence_code": "codes",
    "presence_sheet": "sheets",
    "presence": "visits",
    "presence_confirmed": "visits",
    "relationship_words": "words",
    "connection": "words",
    "connection_person": "words",
}
"""The rule, or the element of `housekeeping`, by which the rows of a table go."""

_HISTORY = "history of opaque ids, by which it is replayed who might ask on a past date"
_TOLD = "what follows from it all is what a feed tells now; it goes when its source takes it back"
_PROTECTS = "it would protect nobody any more"
_MATCHES = "opaque: whoever comes again has to be the same, or be kept apart"

LASTS: Mapping[str, str] = {
    "person": "an opaque id; the key is what an erasure destroys",
    "person_token": _MATCHES,
    "person_join": _MATCHES,
    "person_apart": _MATCHES,
    "link_review": "who said whom they took for one, so that it can be undone",
    "link_to_consider": "until somebody has looked",
    "relationship": _HISTORY,
    "contact_held": "since when a source held what: history of opaque ids and keyed hashes",
    "relationship_request": _HISTORY,
    "audit_export": "that auditors took entries away; what they said of it ends with a key",
    "emergency_told": "who was told of an emergency, and saw it: history of opaque ids and a code",
    "legitimate_relationship": "taken over into `relationship`; opens nothing",
    "draft": "an hour at the most, whatever a rule says: it goes with the session it was typed in",
    "unusual_act": "that somebody looked, no longer than rules of unusual access look back; opaque",
    "unusual_hit": "that a look was worth asking about, and what came of asking; opaque ids",
    "governance_item": "what was looked at, by whom, with what outcome; opaque ids",
    "family_access": "who had a page of their own, by which keyed hash: history of opaque ids",
    "family_let_see": "whom a young person let see their page: history of opaque ids",
    "family_taken_off": "which child is on whose page no more, by two hands: opaque ids",
    "family_reach": "how somebody wants to be reached, by a keyed hash; opaque ids",
    "family_copy": "a copy that somebody asked for: sealed, and gone 30 days after it was ready",
    "family_question": "what a family asked governance, as a code, and the answer; opaque ids",
    "family_words": "what somebody wrote on their own page: theirs to read, until an erasure",
    "own.told_case": _TOLD,
    "own.told_involvement": _TOLD,
    "own.told_clearing": _TOLD,
    "published_subject": "that a source once told of them, so that it may take it back",
    "person_purge": "when something was purged, so that what comes late is not stored again",
    "protected_place": _PROTECTS,
    "restriction": _PROTECTS,
    "exclusion": _PROTECTS,
    "sharing_decision_subject": "what was decided; a refusal holds until it is taken back",
    "retention_hold": "until they are released",
    "came_again": "of whom something was brought back that they had refused; opaque",
    "erasure": "that they were erased, for backups that bring them back",
}
"""Without a rule, until an erasure, and why."""
