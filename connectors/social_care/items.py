"""What an episode consists of: assessments, enquiries, plans, placements, what comes after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connectors.social_care.dated import dated_records, dates_of
from connectors.social_care.fields import (
    block_of,
    blocks_of,
    day,
    flag,
    is_purged,
    key_part,
    required_text,
    text,
)
from connectors.social_care.places import Place
from connectors.social_care.strict_json import Json
from schemas.records.message import Record
from schemas.records.payloads import (
    Address,
    ContactDetails,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    Plan,
)
from schemas.vocabulary import Category, Label

_EPISODES = "social_care_episodes."
_PLACEMENTS = "child_looked_after_placements"
_CARE = Category.SOCIAL_CARE
CONFERENCE = "Initial child protection conference"
PROTECTED = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


@dataclass(frozen=True, slots=True)
class _Kind:
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
    _Kind("child_and_family_assessments", "assessment", _CARE, _assessment, "authorisation_date"),
    _Kind("section_47_assessments", "enquiry", Category.SAFEGUARDING, _enquiry),
    _Kind("child_in_need_plans", "child-in-need", _CARE, _in_need),
    _Kind("child_protection_plans", "child-protection", Category.SAFEGUARDING, _protection),
    _Kind(_PLACEMENTS, "placement", _CARE, _looked_after),
)


def item_records(episode: Place, block: Json, *, hides_whereabouts: bool) -> Iterator[Record]:
    """What the lists and single blocks of an episode say. Raises UnreadableMessageError.

    Left with their source: factors of an assessment, which tell of other people; the reasons and
    types of placements; when a child was matched and placed for adoption; how a care leaver lives.
    """
    for kind in _KINDS:
        path = f"{_EPISODES}{kind.blocks}."
        for item in blocks_of(block, kind.blocks, within=_EPISODES):
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
    postcode = text(item, "postcode", within=path)
    if is_hidden or day(item, "end_date", within=path) is not None:
        yield where.cleared(_CARE)
    elif postcode is not None:
        address = Address((), postcode, Period(day(item, "start_date", within=path)), "placement")
        yield where.record(_CARE, ContactDetails((address,)), labels=PROTECTED)


def _adoption(episode: Place, block: Json) -> Iterator[Record]:
    """That adoption is planned. Matching and placing are not told: they lead to the new family."""
    path = f"{_EPISODES}adoption."
    adoption, place = block_of(block, "adoption", within=_EPISODES), episode.inside("adoption")
    decided = day(adoption, "initial_decision_date", within=path)
    if is_purged(adoption, within=path):
        yield place.cleared(_CARE)
    elif decided is not None:
        yield place.record(_CARE, Plan("adoption", "Adoption planned", Period(decided)))


def _leaving_care(episode: Place, block: Json) -> Iterator[Record]:
    path = f"{_EPISODES}care_leavers."
    leaver, place = block_of(block, "care_leavers", within=_EPISODES), episode.inside("care-leaver")
    contact = day(leaver, "contact_date", within=path)
    if is_purged(leaver, within=path):
        yield place.cleared(_CARE)
    elif contact is not None:
        title = "Leaving care: in touch with the local authority"
        yield place.record(_CARE, Occurrence(OccurrenceKind.SUPPORT, title, Period(contact)))
