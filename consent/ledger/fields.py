"""The kinds of field a ledger entry may have: opaque ids, codes, numbers, times; never text.

A kind is a pattern over the field's canonical JSON. The charsets leave no room for a name, an
address, a date of birth or an NHS number, and none needs escaping in JSON. Where the codes are a
closed vocabulary, only its members can be written; what was written stays readable for ever.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_ITEMS = 1000

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OPAQUE_ID = rf"(?:{_UUID}|[0-9a-f]{{20,64}})"
"""A UUID, or 20 to 64 hexadecimal digits; both in lower case."""
CODE_TEXT = r'(?![^"]*[0-9]{6})[a-z][a-z0-9:._+-]{0,63}'
"""A lower-case word of ours, or two with a plus (the rules and the agreement of a policy).

A run of six digits would be somebody's number.
"""
VERSION_TEXT = r'(?![^"]*(?:[0-9]{6}|[0-9]{4}-[0-9]{2}-[0-9]{2}))[0-9][a-z0-9._-]{0,31}'
NOTICE_VERSION = rf"(?:{CODE_TEXT}|{VERSION_TEXT})"
PATH_TEXT = r'(?![^"]*[0-9]{6})[A-Za-z@*](?:[A-Za-z0-9_.:/\[\]*-]|(?<=/)@){0,127}'
TIME_TEXT = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
)
UUID_TEXT = _UUID
ACTOR_TEXT = rf"(?:(?:practitioner|family):{OPAQUE_ID}|(?:partner|job|operator):{CODE_TEXT})"
"""Who did something; `family` is somebody of a family by the id of their access, never a person."""


@dataclass(frozen=True, slots=True)
class FieldKind:
    """What a field may hold: the pattern of its canonical JSON, and perhaps a closed list.

    A kind of list has `items`, the kind of each of them.
    """

    label: str
    json: str
    vocabulary: frozenset[str] | None = None
    items: "FieldKind | None" = None

    def has_word(self, value: object) -> bool:
        """Tell whether every code in `value` is of the closed list; yes where there is none."""
        if self.vocabulary is None:
            return True
        words = [value] if isinstance(value, str) else value
        return isinstance(words, list | tuple) and self.vocabulary.issuperset(words)


def _text(label: str, pattern: str, vocabulary: Iterable[str] | None = None) -> FieldKind:
    words = None if vocabulary is None else frozenset(map(str, vocabulary))
    return FieldKind(label, f'"{pattern}"', words)


def many(kind: FieldKind) -> FieldKind:
    """Make the kind of a list of such fields."""
    items = rf"\[(?:{kind.json}(?:,{kind.json}){{0,{MOST_ITEMS - 1}}})?\]"
    return FieldKind(f"list of {kind.label}s", items, kind.vocabulary, kind)


def one_of(vocabulary: Iterable[str]) -> FieldKind:
    """Make the kind of a code from a closed list, such as an enumeration."""
    return _text("known code", CODE_TEXT, vocabulary)


ID = _text("opaque id", OPAQUE_ID)
CODE = _text("code", CODE_TEXT)
VERSION = _text("version", NOTICE_VERSION)
"""A code, or one that begins with a digit, as `2026-03`; no whole date, which may be a birth."""
SHA256 = _text("SHA-256 in hexadecimal", "[0-9a-f]{64}")
TIME = _text("UTC time", TIME_TEXT)
WHOLE_NUMBER = FieldKind("whole number", "(?:0|[1-9][0-9]{0,8})")
"""A count or version; too short for an NHS number."""
RECIPIENT = _text(
    "recipient", rf"(?:(?:practitioner|service):{OPAQUE_ID}|(?:agency|role):{CODE_TEXT})"
)
FIELD_PATH = _text("field path", PATH_TEXT)
REASON = _text("reason", rf"{CODE_TEXT}(?::{PATH_TEXT})?")
"""A code, perhaps with the field that it points to: `contradicts:Patient.birthDate`."""


def field_path(text: str) -> str:
    """Give a field's path as the ledger may hold it, or `*` where it cannot be told."""
    return text if re.fullmatch(PATH_TEXT, text) else "*"
