"""The exact fields of the events of exporting what auditors ask for: ids and codes, never words.

Why somebody exports stands here as a code. What they said of it is sealed beside the export;
`words` is the hash of it as it lies there, so that a row that is changed later is found.
"""

from collections.abc import Mapping

from consent.ledger.events import LedgerEvent
from consent.ledger.fields import CODE, ID, SHA256, TIME, WHOLE_NUMBER, FieldKind, many, one_of

_IDS = many(ID)

EXPORT_FORMATS = ("csv", "jsonl", "fhir", "case")
_FORMAT = one_of(EXPORT_FORMATS)
_CHOSEN: Mapping[str, FieldKind] = {
    "since": many(TIME),
    "until": many(TIME),
    "subjects": _IDS,
    "by": _IDS,
    "agency": _IDS,
    "events": many(CODE),
}

EXPORT_FIELDS: Mapping[LedgerEvent, Mapping[str, FieldKind]] = {
    # Before the first row leaves. `by` are whose acts were chosen; an agency is its keyed hash.
    LedgerEvent.AUDIT_EXPORT_BEGUN: {
        "export": ID,
        "format": _FORMAT,
        "because": CODE,
        "words": SHA256,
        **_CHOSEN,
    },
    # `sha256` is of all the bytes that left.
    LedgerEvent.AUDIT_EXPORT_FINISHED: {"export": ID, "rows": WHOLE_NUMBER, "sha256": SHA256},
    # Whoever took it went away, or something failed: how many rows may have left until then.
    LedgerEvent.AUDIT_EXPORT_BROKEN_OFF: {"export": ID, "rows": WHOLE_NUMBER, "because": CODE},
    # No format where it was the list of exports that was refused.
    LedgerEvent.AUDIT_EXPORT_REFUSED: {"format": many(_FORMAT), "because": CODE},
    LedgerEvent.AUDIT_EXPORTS_LISTED: {"results": WHOLE_NUMBER},
}
