"""Who has looked at a family, and who was refused."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.vocabulary import Purpose
from services.portal.ports import Look
from services.portal.presenters.cards import Tag
from services.portal.presenters.dates import moment_in_words


@dataclass(frozen=True, slots=True, repr=False)
class LookLine:
    """One look: when, who, for which organisation and purpose, what came of it, which parts."""

    when: str
    who: str
    agency: str
    purpose: str
    outcome: Tag
    parts: str


def look_lines(looks: Iterable[Look]) -> tuple[LookLine, ...]:
    """Write the looks in the order given."""
    return tuple(_line(look) for look in looks)


def _line(look: Look) -> LookLine:
    return LookLine(
        when=moment_in_words(look.at),
        who=look.practitioner_name,
        agency=_agency(look),
        purpose=_purpose(look.purpose),
        outcome=Tag("Seen", "blue") if look.permitted else Tag("Refused", "grey"),
        parts="; ".join(c.label for c in look.categories) or "Nothing was shown",
    )


def _agency(look: Look) -> str:
    if look.through is None:
        return look.agency_name
    return f"{look.agency_name}, on its own screens ({look.through})"


def _purpose(code: str) -> str:
    try:
        return Purpose(code).label
    except ValueError:
        return code or "Not stated"
