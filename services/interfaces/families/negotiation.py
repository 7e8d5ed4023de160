"""In which form a family is asked for, and whether who asks has it already (RFC 9110)."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class MediaType(StrEnum):
    """The forms there are; where somebody takes both alike, the first."""

    JSON = "application/json"
    FHIR = "application/fhir+json"


_RELEASE = "4.0"
"""The release of FHIR, as `fhirVersion` names it (HL7 FHIR R4 section 3.1.0.1.10)."""


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    quality: float
    release: str


@lru_cache(maxsize=256)  # a program says the same each time
def chosen(accept: str | None) -> MediaType | None:
    """The form that an `Accept` header likes best; None when it takes neither.

    The more exact of its ranges counts for each; what cannot be read in it is passed over.
    """
    if accept is None or not accept.strip():
        return MediaType.JSON
    ranges = [_range(part) for part in accept.split(",")]
    liked = {form: _quality(form, [r for r in ranges if r is not None]) for form in MediaType}
    best = max(liked.values())
    return next((form for form, quality in liked.items() if quality == best > 0), None)


def _quality(form: MediaType, ranges: list[_Range]) -> float:
    for wanted in (form.value, "application/*", "*/*"):
        found = [r.quality for r in ranges if r.type == wanted and r.release == _RELEASE]
        if found:
            return max(found)
    return 0.0


def _range(part: str) -> _Range | None:
    name, *rest = (word.strip() for word in part.split(";"))
    said = dict(_parameter(word) for word in rest)
    try:
        quality = float(said.get("q", "1"))
    except ValueError:
        return None
    if not math.isfinite(quality) or not 0 <= quality <= 1:
        return None
    return _Range(name.lower(), quality, said.get("fhirversion", _RELEASE))


def _parameter(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name.strip().lower(), value.strip().strip('"')


# Entity tags, and whether somebody has what they stand for (RFC 9110 sections 8.8.3, 13.1.2).

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def strong_tag(text: str) -> str:
    """The tag of a representation, as a header holds it."""
    return f'"{text}"'


def has_it(if_none_match: str | None, tag: str) -> bool:
    """Whether a value of `If-None-Match` names this tag, by weak comparison."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return tag in _TAG.findall(if_none_match)
