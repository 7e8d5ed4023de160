"""Which relationships follow from what an agency's feeds have told of a person. Pure.

In whatever order and however often it was told: only what was said last of each involvement, and
what was taken back since, counts (DESIGN.md section 16, "own" and "case-load").
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.published import ALL_RECORDS
from services.people.own_cases.model import (
    CaseFacts,
    ClaimedCase,
    ToldClearing,
    ToldInvolvement,
    end_of,
    instant_of,
    start_of,
)
from services.people.relationships.model import HeldRelationship, Warrant, WarrantKind

_ID_DIGITS = 32
_Holder = PractitionerId | None


@dataclass(frozen=True, slots=True)
class _Span:
    """From when until when somebody of the agency works with the person, and who says so.

    Without a holder the agency's safeguarding leads do.
    """

    holder: _Holder
    since: datetime
    until: datetime | None
    feed: str
    is_kept: bool

    def is_current(self, at: datetime) -> bool:
        return self.until is None or self.until > at


def relationships_of(
    facts: CaseFacts, *, at: datetime, opaque: Callable[..., str]
) -> Sequence[HeldRelationship]:
    """Every relationship that the agency has, or had, with the person; `opaque` makes their ids.

    (1) Whoever the agency's own feeds name works with the person; where they name no worker of
    its directory, its safeguarding leads do.
    (2) Where its content gives the person to another agency of its kind, and none to it, nobody.
    (3) The agency's own are all of these; on the case-load only those whom a kept feed names, or
    a typed one with which something that is not of the agency agrees.
    (4) And only once none has them who had them before, and says so still.
    """
    mine, is_theirs = _mine(facts, at)
    found = {
        RelationshipGround.OWN: mine + list(_plain(facts, mine, is_theirs=is_theirs, at=at)),
        RelationshipGround.CASE_LOAD: list(_uncontradicted(facts, at)),
    }
    return [
        _relationship(facts, ground, span, opaque)
        for ground, spans in found.items()
        for span in _one_a_holder(spans, at)
        if span.until is None or span.since < span.until
    ]


def claim_of(facts: CaseFacts, at: datetime) -> ClaimedCase | None:
    """That the agency has the person on its case-load, as far as anybody stands for it.

    It began when the agency first said so, by the messages' own dates.
    """
    case, spans = facts.case, _on_case_load(facts, at)
    if not spans:
        return None
    ends = [span.until for span in spans]
    return ClaimedCase(
        case.agency,
        case.first_told,
        None if None in ends else max(end for end in ends if end is not None),
        any(span.is_kept for span in spans),
        any(one.is_dual and not one.is_removed for one in facts.involvements),
        facts.others,
    )


def _uncontradicted(facts: CaseFacts, at: datetime) -> Iterator[_Span]:
    """The case-load from when nobody has the person any more who had them before."""
    mine = claim_of(facts, at)
    if mine is None:
        return
    against = [] if facts.is_named else [one for one in facts.rivals if _contradicts(one, mine)]
    ends = [one.until for one in against]
    if None in ends:
        return
    free = max((end for end in ends if end is not None), default=facts.case.first_told)
    for span in _on_case_load(facts, at):
        yield replace(span, since=max(span.since, free)) if ends else span


def _contradicts(rival: ClaimedCase, mine: ClaimedCase) -> bool:
    """Whether the other had the person first; what is typed never speaks against what is kept.

    That they have them both is for the first to say, or for whoever keeps the other's feed.
    """
    if rival.is_dual or (mine.is_dual and mine.is_kept):
        return False
    if rival.agency in mine.named or (mine.is_kept and not rival.is_kept):
        return False
    if rival.is_kept and not mine.is_kept:
        return True
    return (rival.began, rival.agency) < (mine.began, mine.agency)


def _on_case_load(facts: CaseFacts, at: datetime) -> list[_Span]:
    """Those for which somebody else than who can write it stands."""
    mine, is_theirs = _mine(facts, at)
    plain = _plain(facts, mine, is_theirs=is_theirs or bool(mine), at=at)
    return [span for span in (*mine, *plain) if span.is_kept or facts.is_corroborated]


def _mine(facts: CaseFacts, at: datetime) -> tuple[list[_Span], bool]:
    """Who of the agency works with the person, and whether its content gives them to another."""
    mine = list(_spans(facts, lambda told: told.named in {None, facts.case.agency}))
    others = list(_spans(facts, lambda told: told.named in facts.others))
    return mine, not _any_current(mine, at) and _any_current(others, at)


def is_standing(told: ToldInvolvement, clearings: Iterable[ToldClearing], at: datetime) -> bool:
    """Whether an involvement is neither over nor taken back, whosever feed told of it."""
    theirs = [clearing for clearing in clearings if clearing.case == told.case]
    end = end_of(told.until)
    is_over = end is not None and end <= at
    return told.part_of is None and not is_over and _gone_at(told, theirs) is None


def _spans(facts: CaseFacts, is_meant: Callable[[ToldInvolvement], bool]) -> Iterator[_Span]:
    ends = _ends_told_apart(facts)
    workers: Mapping[str, PractitionerId] = facts.workers or {}
    for told in facts.involvements:
        if told.is_of_kind and told.part_of is None and is_meant(told):
            told_ends = (end_of(told.until), _gone_at(told, facts.clearings), *ends[told.key])
            yield _Span(
                workers.get(told.worker or ""),
                start_of(told.since) or facts.case.first_told,
                min((end for end in told_ends if end is not None), default=None),
                told.feed,
                told.is_kept,
            )


def _ends_told_apart(facts: CaseFacts) -> Mapping[str, list[datetime]]:
    """The ends that sources tell by themselves, by the involvement that each ends."""
    ends: dict[str, list[datetime]] = defaultdict(list)
    for told in facts.involvements:
        end = end_of(told.until)
        if told.part_of is not None and end is not None and not _gone_at(told, facts.clearings):
            ends[told.part_of].append(end)
    return ends


def _gone_at(told: ToldInvolvement, clearings: Iterable[ToldClearing]) -> datetime | None:
    """When its source took it back, by itself or with a scope in which it lies."""
    gone = [instant_of(told.version)] if told.is_removed else []
    for clearing in clearings:
        lies_in = clearing.scope in told.scopes or clearing.scope == ALL_RECORDS
        is_older = told.source is clearing.source and told.version < clearing.version
        if lies_in and is_older and not set(clearing.keeps).intersection(told.scopes):
            gone.append(instant_of(clearing.version))
    return min(gone, default=None)


def _plain(
    facts: CaseFacts, mine: Sequence[_Span], *, is_theirs: bool, at: datetime
) -> Iterator[_Span]:
    """That messages come about somebody of whom none names a worker, or does no longer."""
    case = facts.case
    everything_gone = [instant_of(c.version) for c in facts.clearings if c.scope == ALL_RECORDS]
    gone = max(everything_gone, default=None)
    last = case.last_plain or case.first_told
    if is_theirs or _any_current(mine, at):
        return
    if not mine:
        until = gone if gone is not None and last < gone else None
        yield _Span(None, case.first_told, until, case.feed, case.is_kept)
        return
    over = max(span.until for span in mine if span.until is not None)
    if case.last_plain is not None and case.last_plain > over:
        yield _Span(None, over, None, case.feed, case.is_kept)


def _one_a_holder(spans: Iterable[_Span], at: datetime) -> Iterator[_Span]:
    """What holds together for each holder; of what is over only what was over last."""
    by_holder: dict[_Holder, list[_Span]] = defaultdict(list)
    for span in spans:
        by_holder[span.holder].append(span)
    for holder, found in by_holder.items():
        current = [span for span in found if span.is_current(at)]
        begun = [span for span in current if span.since <= at]
        told = begun or current or found
        ends = [span.until for span in told]
        yield _Span(
            holder,
            min(span.since for span in told),
            None if None in ends else max(end for end in ends if end is not None),
            min(span.feed for span in told),
            any(span.is_kept for span in told),
        )


def _any_current(spans: Iterable[_Span], at: datetime) -> bool:
    return any(span.is_current(at) for span in spans)


def _relationship(
    facts: CaseFacts, ground: RelationshipGround, span: _Span, opaque: Callable[..., str]
) -> HeldRelationship:
    case = facts.case
    is_fed = span.is_kept or ground is RelationshipGround.OWN
    return HeldRelationship(
        id=relationship_id(case.agency, case.person, span.holder, ground, opaque),
        person=case.person,
        agency=case.agency,
        practitioner=span.holder,
        ground=ground,
        since=span.since,
        until=span.until,
        warrant=Warrant(WarrantKind.FEED if is_fed else WarrantKind.CORROBORATED, span.feed),
        asked_by=f"job:connector-{case.source}",
    )


def relationship_id(
    agency: str,
    person: PersonId,
    holder: PractitionerId | None,
    ground: RelationshipGround,
    opaque: Callable[..., str],
) -> str:
    """The same however often it is told: of whom, with whom, and on which ground."""
    return opaque("relationship", ground, agency, person, holder or "leads")[:_ID_DIGITS]
