"""What is told of who may decide, as JSON to be sealed, and what it means when it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, assert_never

import orjson

from connectors.publishing.telling.decider_ports import (
    ToldBirth,
    ToldCare,
    ToldDeath,
    ToldForDeciding,
    ToldResponsibility,
)
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.deciders import HeldResponsibility
from schemas.identifiers import PersonId, RecordKey
from services.people.deciders.naming import NameReferences


@dataclass(frozen=True, slots=True, repr=False)
class KeptFact:
    """One fact as it lies with the person, opened, and by whom it was told.

    `other` is who has responsibility, where that is somebody known.
    """

    key: RecordKey
    agency: NamedAgency
    said: ToldForDeciding
    seen_at: datetime
    other: PersonId | None = None


# By which a version from before it was told takes it for care that ended, and for nothing else.
_LONG_OVER = "0001-01-01"


def document_from_fact(said: ToldForDeciding) -> bytes:
    """JSON, as short as it gets."""
    match said:
        case ToldBirth():
            stated: dict[str, Any] = {"born": said.born, "registered": said.is_registered}
        case ToldResponsibility():
            stated = {"name": said.name, "until": said.until}
        case ToldCare():
            stated = {"care": True, "until": said.until, "part_of": said.part_of}
        case ToldDeath():
            stated = {"died": True, "until": _LONG_OVER}
        case _:
            assert_never(said)
    return orjson.dumps({name: value for name, value in stated.items() if value})


def fact_from_document(document: bytes) -> ToldForDeciding:
    """Back from document_from_fact."""
    stated = orjson.loads(document)
    if "born" in stated:
        return ToldBirth(stated["born"], stated.get("registered", False))
    if "died" in stated:
        return ToldDeath()
    if "name" in stated:
        return ToldResponsibility(stated["name"], stated.get("until"))
    return ToldCare(stated.get("until"), stated.get("part_of"))


LINES_OF_A_NAME = (("Decided for them", "Somebody whose name is kept"),)
"""What is told of a decider's name to whom they decided for."""


def lines_of_fact(said: ToldForDeciding) -> tuple[tuple[str, str], ...]:
    """What a person is told of a fact about them: label and words; a name is somebody else's."""
    match said:
        case ToldBirth():
            registered = (("Told by a register", "Yes"),) if said.is_registered else ()
            return (("Date of birth", said.born), *registered)
        case ToldResponsibility():
            return (("Responsible for them", "Somebody whose name is kept"),)
        case ToldCare():
            return (("Looked after by an authority", said.until or "Yes"),)
        case ToldDeath():
            return (("Reported to have died", "Yes"),)
        case _:
            assert_never(said)


def birth_from(fact: KeptFact) -> HeldBirth | None:
    """The date of birth, where the fact is one; of a date that is not whole no age follows."""
    if not isinstance(fact.said, ToldBirth):
        return None
    born = _day(fact.said.born)
    return None if born is None else HeldBirth(born, fact.agency, fact.said.is_registered)


def responsibility_from(
    fact: KeptFact, today: date, references_of: Callable[[str], NameReferences | None]
) -> HeldResponsibility | None:
    """The responsibility, where the fact is one, still holds and names somebody."""
    if not isinstance(fact.said, ToldResponsibility) or _is_over(fact.said.until, today):
        return None
    named = references_of(fact.said.name)
    return None if named is None else HeldResponsibility(named.whole, fact.agency, named.also)


def cared_for_by(facts: list[KeptFact], today: date) -> frozenset[NamedAgency]:
    """The authorities that look after the person: of each placement its end may stand apart."""
    placements: dict[tuple[NamedAgency, RecordKey], list[ToldCare]] = {}
    for fact in facts:
        if isinstance(fact.said, ToldCare):
            place = (fact.agency, fact.said.part_of or fact.key)
            placements.setdefault(place, []).append(fact.said)
    return frozenset(
        agency
        for (agency, _), told in placements.items()
        if any(one.until is None for one in told)
        and not any(_is_over(one.until, today) for one in told)
    )


def _is_over(until: str | None, today: date) -> bool:
    """Ends are inclusive, and one that cannot be read is one: nothing means no."""
    if until is None:
        return False
    day = _day(until[:10])
    return day is None or day < today


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
