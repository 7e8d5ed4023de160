"""Everything held about somebody as one page to print: needs nothing from anywhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from consent.decisions.states import state_of
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Purpose, Source
from services.interfaces.subject_access.held import (
    Beside,
    HeldBeside,
    HeldDecision,
    HeldFacts,
    HeldForDeciding,
    HeldIdentifier,
    HeldOwnLabel,
    HeldRecord,
    HeldRestriction,
    LookTaken,
    SubjectAccess,
    WaitingMessages,
)
from services.interfaces.subject_access.telling import lines_of, lines_of_facts, lines_of_label
from services.profile.merging.people import people

_Row = Mapping[str, Any]


def page_from_report(made: SubjectAccess, *, council: str) -> str:
    """The page; `council` is who answers for the shared profile."""
    story = [r for r in made.records if r.category is Category.STORY]
    others = [r for r in made.records if r.category is not Category.STORY]
    return _template().render(
        council=council,
        report=made.report,
        made_at=_moment(made.made_at),
        given_to=made.given_to.value,
        is_erased=made.is_erased,
        death=_death(made),
        withheld=made.withheld_count,
        identifiers=[_identifier(one) for one in made.identifiers],
        sources=[(s.label, _of_source(others, s)) for s in Source if _of_source(others, s)],
        story=[_record(held) for held in story],
        decisions=[_decision(held, made.made_at) for held in made.decisions],
        restrictions=[_restriction(held) for held in made.restrictions],
        looks=[_look(look) for look in made.looks],
        waiting=[_record(held) for held in made.waiting],
        facts=[_facts(one) for one in made.facts],
        own_labels=[_own_label(one) for one in made.own_labels],
        deciding=[_deciding(one) for one in made.deciding],
        beside=[(what.label, _of_sort(made.beside, what)) for what in Beside],
        kept_back=[_kept_back(kept) for kept in made.kept_back],
    )


def _death(made: SubjectAccess) -> str:
    """That they have died, as far as it is not withheld, for whoever gives this to somebody."""
    told = [
        replace(held.record, persons=(made.person,))
        for held in made.records
        if held.record is not None and held.record.persons[0] in made.known_by
    ]
    view, *_ = people(told, made.person, (), uk_day(made.made_at).isoformat())
    if view.death is None:
        return ""
    day = view.death.on
    return f"{view.death.standing.label}: {day}." if day else view.death.standing.label


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("services.interfaces.subject_access"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("subject_access.html")


def _of_source(records: Sequence[HeldRecord], source: Source) -> list[_Row]:
    return [_record(held) for held in records if held.source is source]


def _record(held: HeldRecord) -> _Row:
    payload = None if held.record is None else held.record.payload
    return {
        "category": held.category.label,
        "as_of": held.as_of[:10],
        "basis": "; ".join(basis.label for basis in held.basis) or "Not shared with anybody now",
        "lines": () if payload is None else lines_of(payload),
        "withheld": [reason.label for reason in held.withheld],
        "parts": [part.replace("_", " ") for part in held.parts_withheld],
    }


def _decision(held: HeldDecision, at: datetime) -> _Row:
    decision = held.decision
    if decision is None:
        return {"withheld": held.withheld.label if held.withheld else ""}
    return {
        "withheld": "",
        "what": decision.response.label,
        "categories": "; ".join(c.label for c in sorted(decision.categories)),
        "purposes": "; ".join(p.label for p in sorted(decision.purposes)),
        "basis": decision.basis.label,
        "by": decision.decided_by.kind.label,
        "at": _moment(decision.decided_at),
        "state": state_of(decision, at).label,
        "others": held.others,
    }


def _restriction(held: HeldRestriction) -> _Row:
    restriction = held.restriction
    if restriction is None:
        return {"withheld": held.withheld.label if held.withheld else ""}
    lifted = restriction.lifted_at
    return {
        "withheld": "",
        "what": restriction.scope.label,
        "since": _moment(restriction.placed_at),
        "until": "" if lifted is None else _moment(lifted),
    }


def _identifier(one: HeldIdentifier) -> _Row:
    return {
        "scheme": one.identifier.scheme.label,
        "value": one.identifier.value if one.withheld is None else one.withheld.label,
        "status": one.identifier.status.label,
        "source": one.source.label,
        "since": _moment(one.since),
        "until": "" if one.until is None else _moment(one.until),
    }


def _facts(one: HeldFacts) -> _Row:
    return {
        "source": one.source.label,
        "seen_at": _moment(one.seen_at),
        "lines": () if one.facts is None else lines_of_facts(one.facts),
        "withheld": "" if one.withheld is None else one.withheld.label,
    }


def _own_label(one: HeldOwnLabel) -> _Row:
    return {
        "agency": one.agency,
        "heard_on": f"{one.heard_on.day} {one.heard_on:%B %Y}",
        "lines": lines_of_label(one),
        "withheld": "" if one.withheld is None else one.withheld.label,
    }


def _deciding(one: HeldForDeciding) -> _Row:
    return {
        "source": "Typed when it was decided" if one.source is None else one.source.label,
        "seen_at": _moment(one.seen_at),
        "lines": one.lines or (),
        "withheld": "" if one.withheld is None else one.withheld.label,
    }


def _of_sort(beside: Sequence[HeldBeside], what: Beside) -> list[_Row]:
    return [_beside(one) for one in beside if one.what is what]


def _beside(one: HeldBeside) -> _Row:
    return {
        "source": one.source.label,
        "at": _moment(one.at),
        "lines": one.lines,
        "withheld": [reason.label for reason in one.withheld],
        "parts": [part.replace("_", " ") for part in one.parts_withheld],
    }


def _look(look: LookTaken) -> _Row:
    if look.withheld is not None:
        return {"withheld": look.withheld.label}
    through = "" if look.through is None else f" (on the screens of {look.through})"
    return {
        "withheld": "",
        "at": _moment(look.at),
        "who": look.who,
        "agency": f"{look.agency}{through}",
        "purpose": Purpose(look.purpose).label if look.purpose in set(Purpose) else look.purpose,
        "outcome": "Seen" if look.permitted else "Refused",
        "parts": "; ".join(category.label for category in look.categories),
    }


def _kept_back(kept: WaitingMessages) -> _Row:
    return {
        "source": kept.source.label,
        "where": kept.where.label,
        "messages": kept.messages,
        "until": "" if kept.until is None else _moment(kept.until),
    }


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
