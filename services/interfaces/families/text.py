"""A profile as the text of an answer: JSON, field for field, in one order and one spelling.

What is of the reading and not of the family is left out: the moment at which it was read, which the
answer's `Date` says, and when its reader looked before, which our own pages say. So an entity tag
can stand for the bytes (RFC 9110 section 8.8.1). Pure.
"""

from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from services.profile.model import Profile, SourceStatus, TimelineEntry
from services.profile.parts.kept.forms import Form

OF_THE_READING = ("as_of", "looked_before", "arrived")
_SHOWN = tuple(field.name for field in fields(Profile) if field.name not in OF_THE_READING)
_SOURCES: Final = "sources"
_BEFORE = _SHOWN[: _SHOWN.index(_SOURCES)]
_AFTER = _SHOWN[_SHOWN.index(_SOURCES) + 1 :]
_HASHED, _LENGTH = 32, 8


class FamilyText(NamedTuple):
    """The bytes of an answer, and a hash that is the same for the same bytes and for no others."""

    content: bytes
    hashed: bytes


FamilyForm = Form[FamilyText]
"""As what a family is answered."""


class AsText:
    """A Form (`parts.kept.forms`): the text is kept, and what sources say put into it."""

    name = "text"

    def made(self, profile: Profile) -> FamilyText:
        """The text."""
        return self.told(self.written(profile), profile.sources, profile.as_of)

    def written(self, profile: Profile) -> bytes:
        """All but what the sources say, in two parts; before them a hash of both."""
        before, after = _part(profile, _BEFORE), _part(profile, _AFTER)
        length = len(before).to_bytes(_LENGTH, "big")
        hashed = sha256(b"".join((length, before, after))).digest()
        return b"".join((hashed, length, before, after))

    def told(self, kept: bytes, sources: tuple[SourceStatus, ...], at: datetime) -> FamilyText:
        """The whole text; the moment is not told."""
        del at
        begins = _HASHED + _LENGTH
        ends = begins + int.from_bytes(kept[_HASHED:begins], "big")
        said = orjson.dumps(sources)
        text = (kept[begins : ends - 1], b',"sources":', said, b",", kept[ends + 1 :])
        return FamilyText(b"".join(text), sha256(kept[:_HASHED] + said).digest())


AS_TEXT = AsText()


def document_from_profile(profile: Profile) -> dict[str, Any]:
    """Field for field: codes as text, times as ISO 8601."""
    document: dict[str, Any] = orjson.loads(AS_TEXT.made(profile).content)
    return document


def _part(profile: Profile, names: tuple[str, ...]) -> bytes:
    document = {name: getattr(profile, name) for name in names}
    if "timeline" in document:
        document["timeline"] = [_happened(entry) for entry in profile.timeline]
    return orjson.dumps(document, default=_in_order)


def _happened(entry: TimelineEntry) -> dict[str, Any]:
    """The fields of an entry: most of an answer, of which most is passed on as it was stored."""
    said = entry.provenance
    return {
        "date": entry.date,
        "person": entry.person,
        "category": entry.category,
        "occurrence": orjson.Fragment(entry.text),
        "provenance": {
            "source": said.source,
            "as_of": said.as_of,
            "is_in_doubt": said.is_in_doubt,
        },
    }


def _in_order(value: object) -> list[str]:
    """Marks have no order of their own, and one content has one spelling."""
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no part of a profile")
