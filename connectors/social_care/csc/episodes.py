"""Social care episodes as records: referral, closure, workers, and what is in `items`."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from connectors.parsing.demographics import postcode_as_compared
from connectors.parsing.strict_json import Json
from connectors.social_care.codes import ClosureReason, professional_source, words_for
from connectors.social_care.csc.fields import (
    Dates,
    Place,
    block_of,
    blocks_of,
    dated_records,
    dates_of,
    day,
    flag,
    is_empty,
    is_purged,
    key_part,
    period,
    required_text,
    text,
)
from connectors.social_care.deaths import closed_by_death, placement_ended_by_death
from schemas.records.message import Record
from schemas.records.payloads import (
    CASE_CLOSED,
    Address,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    Plan,
)
from schemas.vocabulary import Category, Label

# What is in `items`: assessments, enquiries, plans, placements, what comes after.

_EPISODE_FIELDS = "social_care_episodes."
_PLACEMENTS = "child_looked_after_placements"
_CARE_FIELDS = Category.SOCIAL_CARE
CONFERENCE = "Initial child protection conference"
PROTECTED = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


@dataclass(frozen=True, slots=True)
class _ItemList:
    """A list of an episode: how its items are called, in which category, and what they become."""

    blocks: str
    key: str
    category: Category
    payload_of: Callable[[Period], Payload]
    end: str = "end_date"

    @property
    def id_field(self) -> str:
        """The API names the id after the list."""
        return f"{self.blocks.removesuffix('s')}_id"


def _assessment(period: Period) -> Occurrence:
    return Occurrence(OccurrenceKind.ASSESSMENT, "Child and family assessment", period)


def _enquiry(period: Period) -> Occurrence:
    return Occurrence(OccurrenceKind.ASSESSMENT, "Section 47 enquiry", period)


def _in_need(period: Period) -> Plan:
    return Plan("child-in-need", "Child in need plan", period)


def _protection(period: Period) -> Plan:
    return Plan("child-protection", "Child protection plan", period)


def _looked_after(period: Period) -> Plan:
    return Plan("looked-after", "Looked after by the local authority", period)


_KINDS = (
    _ItemList(
        "child_and_family_assessments",
        "assessment",
        _CARE_FIELDS,
        _assessment,
        "authorisation_date",
    ),
    _ItemList("section_47_assessments", "enquiry", Category.SAFEGUARDING, _enquiry),
    _ItemList("child_in_need_plans", "child-in-need", _CARE_FIELDS, _in_need),
    _ItemList("child_protection_plans", "child-protection", Category.SAFEGUARDING, _protection),
    _ItemList(_PLACEMENTS, "placement", _CARE_FIELDS, _looked_after),
)


ITEM_LISTS = {kind.blocks: (kind.key, kind.id_field) for kind in _KINDS}
"""The lists of an episode: what the place of an item is called, and the field of its id."""
SINGLE_BLOCKS = {"adoption": "adoption", "care_leavers": "care-leaver"}
"""What there is one of in an episode, and what its place is called."""
WORKERS = "care_worker_details"
"""A list of workers is complete: it is one part, and not its items."""


def item_records(episode: Place, block: Json, *, hides_whereabouts: bool) -> Iterator[Record]:
    """What the lists and single blocks of an episode say. Raises UnreadableMessageError.

    Left with their source: factors of an assessment, which tell of other people; the types of
    placements and why they ended but for a death; when a child was matched and placed for adoption;
    how a care leaver lives.
    """
    for kind in _KINDS:
        path = f"{_EPISODE_FIELDS}{kind.blocks}."
        for item in blocks_of(block, kind.blocks, within=_EPISODE_FIELDS):
            number = required_text(item, kind.id_field, within=path)
            place = episode.inside(f"{kind.key}/{key_part(number)}")
            if is_purged(item, within=path):
                yield place.cleared(kind.category)
                continue
            dates = dates_of(item, "start_date", kind.end, within=path)
            yield from dated_records(place, kind.category, dates, kind.payload_of)
            if kind.payload_of is _enquiry:
                yield from _conference(place, item, path)
            if kind.blocks == _PLACEMENTS:
                yield from _address(place, item, path, is_hidden=hides_whereabouts)
                reason = text(item, "end_reason", within=path)
                yield from placement_ended_by_death(place, reason)
    yield from _adoption(episode, block)
    yield from _leaving_care(episode, block)


def _conference(place: Place, item: Json, path: str) -> Iterator[Record]:
    required = flag(item, "icpc_required_flag", within=path)
    held = day(item, "icpc_date", within=path) or _whether_required(required=required)
    if held is not None:
        said = Occurrence(
            OccurrenceKind.ASSESSMENT, "Section 47 enquiry", details=((CONFERENCE, held),)
        )
        yield place.part("conference", Category.SAFEGUARDING, said)


def _whether_required(*, required: bool | None) -> str | None:
    if required is None:
        return None
    return "Required" if required else "Not required"


def _address(place: Place, item: Json, path: str, *, is_hidden: bool) -> Iterator[Record]:
    """Where a child is placed: an address that a birth family must not see; gone with its end."""
    where = place.inside("address")
    postcode = postcode_as_compared(text(item, "postcode", within=path))
    if is_hidden or day(item, "end_date", within=path) is not None:
        yield where.cleared(_CARE_FIELDS)
    elif postcode is not None:
        address = Address((), postcode, Period(day(item, "start_date", within=path)), "placement")
        yield where.record(_CARE_FIELDS, ContactDetails((address,)), labels=PROTECTED)


def _adoption(episode: Place, block: Json) -> Iterator[Record]:
    """That adoption is planned. Matching and placing are not told: they lead to the new family."""
    path = f"{_EPISODE_FIELDS}adoption."
    adoption, place = (
        block_of(block, "adoption", within=_EPISODE_FIELDS),
        episode.inside("adoption"),
    )
    decided = day(adoption, "initial_decision_date", within=path)
    if is_purged(adoption, within=path):
        yield place.cleared(_CARE_FIELDS)
    elif decided is not None:
        yield place.record(_CARE_FIELDS, Plan("adoption", "Adoption planned", Period(decided)))


def _leaving_care(episode: Place, block: Json) -> Iterator[Record]:
    path = f"{_EPISODE_FIELDS}care_leavers."
    leaver, place = (
        block_of(block, "care_leavers", within=_EPISODE_FIELDS),
        episode.inside("care-leaver"),
    )
    contact = day(leaver, "contact_date", within=path)
    if is_purged(leaver, within=path):
        yield place.cleared(_CARE_FIELDS)
    elif contact is not None:
        title = "Leaving care: in touch with the local authority"
        yield place.record(_CARE_FIELDS, Occurrence(OccurrenceKind.SUPPORT, title, Period(contact)))


_EPISODES = "social_care_episodes."
_CARE = Category.SOCIAL_CARE
_NO_WORKER = "%service"  # no worker's id is written like that (key_part)


def episode_records(
    block: Json, *, child: Place, la_code: str, hides_whereabouts: bool
) -> Iterator[Record]:
    """What one episode says, or that all of it is taken back.

    Source: DfE children's social care data API, social_care_episodes. Raises
    UnreadableMessageError with the field and the reason.
    """
    number = required_text(block, "social_care_episode_id", within=_EPISODES)
    episode = child.inside(f"episode/{key_part(number)}")
    if is_purged(block, within=_EPISODES):
        yield episode.cleared(_CARE)
        return
    yield from _referral(episode, block)
    yield from _closure(episode, block)
    yield from _involvements(episode, block, la_code)
    yield from item_records(episode, block, hides_whereabouts=hides_whereabouts)


def _referral(episode: Place, block: Json) -> Iterator[Record]:
    place = episode.inside("referral")
    begun = day(block, "referral_date", within=_EPISODES)
    stopped = flag(block, "referral_no_further_action_flag", within=_EPISODES)
    source = professional_source(text(block, "referral_source", within=_EPISODES))
    referral = Occurrence(
        kind=OccurrenceKind.REFERRAL,
        title="Referral to children's social care",
        period=Period(begun),
        outcome=None if stopped is None else _outcome(stopped=stopped),
        details=() if source is None else (("Referred by", source),),
    )
    if begun is not None:
        yield place.record(_CARE, referral)
    elif referral.outcome or referral.details:
        yield place.part("said", _CARE, referral)


def _outcome(*, stopped: bool) -> str:
    return "No further action" if stopped else "Taken further"


def _closure(episode: Place, block: Json) -> Iterator[Record]:
    """That the case was closed and why, but for adoption: whoever was, has another name since."""
    place = episode.inside("closure")
    closed = period(block, "referral_date", "closure_date", within=_EPISODES).end
    reason = text(block, "closure_reason", within=_EPISODES)
    told = reason if reason != ClosureReason.ADOPTED else None
    closure = Occurrence(
        kind=OccurrenceKind.REFERRAL,
        title=CASE_CLOSED,
        period=Period(closed),
        outcome=None if told is None else words_for(told, ClosureReason),
    )
    if closed is not None:
        yield place.record(_CARE, closure)
    elif closure.outcome is not None:
        yield place.part("said", _CARE, closure)
    elif is_empty(block, "closure_date"):
        yield place.cleared(_CARE)
    yield from closed_by_death(place, reason)


def _involvements(episode: Place, block: Json, la_code: str) -> Iterator[Record]:
    """Who works on it: a list of workers is complete for its episode, and one left out has gone.

    While there is no worker the service itself is involved.
    """
    workers = list(blocks_of(block, WORKERS, within=_EPISODES))
    closed = day(block, "closure_date", within=_EPISODES)
    everyone = episode.inside("workers")
    is_open = is_empty(block, "closure_date")
    listed = list(_workers(everyone, workers, la_code, closed, is_open=is_open))
    is_complete = block.get(WORKERS) is not None
    if is_complete:
        keeps = tuple(sorted({record.scopes[-1] for record in listed}))
        yield everyone.cleared(_CARE, keeps=keeps)
    yield from listed
    begun = day(block, "referral_date", within=_EPISODES)
    stopped = flag(block, "referral_no_further_action_flag", within=_EPISODES)
    if not workers and not stopped and (begun or closed or is_complete):
        service = everyone.inside(_NO_WORKER)
        dates = Dates(begun, closed, is_open=is_open)
        yield from dated_records(service, _CARE, dates, partial(_involvement, la_code, None))


def _workers(
    everyone: Place, workers: list[Json], la_code: str, closed: str | None, *, is_open: bool
) -> Iterator[Record]:
    """Each time of a worker; nobody works on a closed case.

    Of one that is open again (`is_open`) whoever is listed without an end works on it again.
    """
    path = f"{_EPISODES}{WORKERS}."
    times: Counter[str] = Counter()
    for worker in workers:
        number = required_text(worker, "worker_id", within=path)
        times[number] += 1
        again = f"/{times[number]}" if times[number] > 1 else ""
        place = everyone.inside(f"{key_part(number)}{again}")
        dates = dates_of(worker, "start_date", "end_date", within=path)
        if closed is not None and dates.end is None:
            dates = Dates(dates.start, closed)
        elif is_open and dates.end is None:
            dates = Dates(dates.start, None, is_open=True)
        involvement = partial(_involvement, la_code, number)
        yield from dated_records(place, _CARE, dates, involvement)


def _involvement(la_code: str, worker: str | None, period: Period) -> Involvement:
    return Involvement(
        service="Children's social care",
        agency_code=la_code,
        practitioner_ref=worker,
        period=period,
    )
