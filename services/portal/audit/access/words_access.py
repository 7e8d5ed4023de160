"""What lists of looks and attempts say of each: who, of which family, what, the answer and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consent.ledger.events import PROFILE_READS, PROFILE_READS_REFUSED, LedgerEvent
from consent.question import Reason
from schemas.identifiers import reference_of
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Purpose
from services.audit.explain.explaining import CATEGORIES_IN_SHORT, REASONS_IN_WORDS, RULES
from services.audit.looks import Access, Answered, AuditedVisit, AuditedWorker, worker_of
from services.portal.audit import addresses
from services.portal.audit.filters import worker_in_address
from services.portal.audit.words import (
    FamilyLink,
    WorkerLine,
    answer_tag,
    family_links,
    worker_line,
)
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words, time_of_day

_WHAT: Mapping[LedgerEvent, str] = {
    **dict.fromkeys(PROFILE_READS, "Looked at the family’s record"),
    **dict.fromkeys(PROFILE_READS_REFUSED, "Tried to look at the family’s record"),
    LedgerEvent.ACCESS_EVALUATED: "Asked through another system",
    LedgerEvent.SEARCH_MADE: "Searched for a family",
    LedgerEvent.LIMIT_REACHED: "Reached a limit",
    LedgerEvent.PAGE_REFUSED: "Tried a page that their role does not open",
    LedgerEvent.AUDIT_ASKED: "Asked an audit question",
    LedgerEvent.AUDIT_EXPORT_BEGUN: "Began an export",
    LedgerEvent.AUDIT_EXPORT_FINISHED: "Finished an export",
}
COLUMNS = (
    *("at", "entry", "actor", "name", "post_and_agency", "families", "event", "answer"),
    *("purpose", "categories", "withheld", "because", "decisions", "policy_version", "through"),
)
VISIT_COLUMNS = (
    *("from", "to", "actor", "name", "post_and_agency", "answer", "looks", "categories"),
    *("withheld", "because", "decisions", "entries"),
)


@dataclass(frozen=True, slots=True)
class DecisionLink:
    """A sharing decision by a few letters of its id, and where its life is."""

    reference: str
    href: str


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One entry of something seen, tried or done."""

    at: str
    worker: WorkerLine
    worker_href: str
    families: tuple[FamilyLink, ...]
    what: str
    answer: Tag
    why: tuple[str, ...]
    decisions: tuple[DecisionLink, ...]
    explain: str


@dataclass(frozen=True, slots=True)
class VisitLine:
    """What one worker did about a family in one go; `entries` is where its single entries are."""

    at: str
    until: str | None
    worker: WorkerLine
    worker_href: str
    saw: str
    answer: Tag
    why: tuple[str, ...]
    decisions: tuple[DecisionLink, ...]
    explain: str
    entries: str | None
    number: int
    could_see: str


def access_line(access: Access, workers: Mapping[str, AuditedWorker]) -> AccessLine:
    """Say what one entry tells."""
    return AccessLine(
        moment_in_words(access.at),
        worker_line(access.actor, workers),
        worker_address(access.actor),
        family_links(access.persons),
        what_in_words(access.event),
        answer_tag(access.answered),
        tuple(_why(access)),
        decision_links(access.decisions),
        explain_address(access),
    )


def visit_line(visit: AuditedVisit, workers: Mapping[str, AuditedWorker], family: str) -> VisitLine:
    """Say what one visit was."""
    last = visit.last
    number, day = len(visit.accesses), uk_day(visit.first).isoformat()
    worker, to = worker_in_address(visit.actor), uk_day(last.at).isoformat()
    of_visit = {"family": family, "worker": worker, "from": day, "to": to}
    of_day = {"family": family, "worker": worker, "day": day}
    return VisitLine(
        moment_in_words(visit.first),
        None if number == 1 else time_of_day(last.at),
        worker_line(visit.actor, workers),
        worker_address(visit.actor),
        categories_in_words(visit.all_of("categories")),
        answer_tag(visit.answered),
        tuple(_why_of(visit.all_of("because"), visit.all_of("withheld"), _through(visit))),
        decision_links(visit.all_of("decisions")),
        explain_address(_telling(visit)),
        None if number == 1 else addresses.with_query(addresses.ACCESS, of_visit),
        number,
        addresses.with_query(addresses.COULD_SEE, of_day),
    )


def _through(visit: AuditedVisit) -> list[str]:
    return sorted({one.through for one in visit.accesses if one.through is not None})


def _telling(visit: AuditedVisit) -> Access:
    """The newest access that came to what the visit came to."""
    return next(access for access in visit.accesses if access.answered is visit.answered)


def worker_address(actor: str) -> str:
    """Where everything that somebody did is."""
    return addresses.with_query(addresses.ACCESS, {"worker": worker_in_address(actor)})


def explain_address(access: Access) -> str:
    """Where an access is explained."""
    return f"{addresses.EXPLAIN}/{access.entry}"


def decision_links(decisions: Iterable[str]) -> tuple[DecisionLink, ...]:
    """The decisions by which something was let through."""
    return tuple(DecisionLink(reference_of(d), f"{addresses.DECISIONS}/{d}") for d in decisions)


def what_in_words(event: LedgerEvent) -> str:
    """What was done; otherwise the code of the event, as words."""
    return _WHAT.get(event) or plainly(event.replace(":", " "))


def plainly(code: str) -> str:
    """A code as words, for which nothing better is kept."""
    return capital(code.replace("-", " ").replace("_", " "))


def capital(text: str) -> str:
    """The same as the beginning of a sentence."""
    return f"{text[:1].upper()}{text[1:]}"


def categories_in_words(categories: Iterable[str]) -> str:
    """Categories in short, in the order of their list."""
    chosen = frozenset(categories)
    return ", ".join(CATEGORIES_IN_SHORT[one] for one in Category if one.value in chosen)


def reason_in_words(code: str) -> str:
    """Why something was refused, with the rule that refused it."""
    if code not in set(Reason):
        return f"{plainly(code)}."
    said = capital(REASONS_IN_WORDS[Reason(code)])
    rule = RULES.get(Reason(code))
    return f"{said}." if rule is None else f"{said} (rule {rule})."


def _why(access: Access) -> Iterator[str]:
    if access.purpose is not None:
        yield f"For {Purpose(access.purpose).label.lower()}."
    if access.answered in {Answered.ALLOWED, Answered.IN_PART}:
        yield f"Shown: {categories_in_words(access.categories) or 'nothing'}."
    yield from _why_of(access.because, access.withheld, filter(None, (access.through,)))
    if access.counted is not None:
        is_search = access.event is LedgerEvent.SEARCH_MADE
        yield f"{'Found' if is_search else 'Rows'}: {access.counted:,}."
    if access.policy_version is not None:
        yield f"Rules and agreement {access.policy_version}."


def _why_of(
    because: Iterable[str], withheld: Iterable[str], through: Iterable[str]
) -> Iterator[str]:
    yield from (reason_in_words(code) for code in because)
    if shut := categories_in_words(withheld):
        yield f"Stayed shut: {shut}."
    yield from (f"Asked through {one}." for one in through)


# How often what was refused.


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """One kind of refusal, and how often it came."""

    what: str
    why: tuple[str, ...]
    times: int


def refusal_counts(counts: Iterable[tuple[LedgerEvent, str, int]]) -> tuple[RefusalCount, ...]:
    """Say each kind, the most frequent first as they come."""
    return tuple(
        RefusalCount(
            what_in_words(event), tuple(reason_in_words(code) for code in why.split("+")), times
        )
        for event, why, times in counts
    )


# As rows of a file: ids, codes and times as the ledger has them, and names of staff.


def access_row(access: Access, workers: Mapping[str, AuditedWorker]) -> Sequence[object]:
    """One entry under COLUMNS."""
    line = worker_line(access.actor, workers)
    return (
        *(access.at.isoformat(), access.entry, access.actor, line.name, line.beside),
        *(_each(access.persons), access.event.value, access.answered.value, access.purpose),
        *(_each(access.categories), _each(access.withheld), _each(access.because)),
        *(_each(access.decisions), access.policy_version, access.through),
    )


def visit_row(visit: AuditedVisit, workers: Mapping[str, AuditedWorker]) -> Sequence[object]:
    """One visit under VISIT_COLUMNS."""
    line = worker_line(visit.actor, workers)
    return (
        *(visit.first.isoformat(), visit.last.at.isoformat(), visit.actor, line.name),
        *(line.beside, visit.answered.value, len(visit.accesses)),
        *(_each(visit.all_of(name)) for name in ("categories", "withheld", "because", "decisions")),
        _each(str(access.entry) for access in visit.accesses),
    )


def called(actor: str, workers: Mapping[str, AuditedWorker]) -> str:
    """What a filter calls the worker whom it chooses."""
    return worker_of(actor, workers).name


def _each(values: Iterable[str]) -> str:
    return " ".join(values)
