"""A Patient's date of birth against that by which the message was routed, and what speaks for whom.

Most of NHS England's own examples contradict themselves here (deploy/conformance/nems-examples.md).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from connectors.health_visiting.nems.message import NemsMessage, Routing, extension
from connectors.health_visiting.nems.nodes import Node, child, date_time, value
from connectors.health_visiting.persons.people import Name, PatientFacts
from connectors.publishing.receiving.unread import STATES_A_DEATH
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier
from schemas.records.message import BirthDoubt

BIRTH_DATE = "Patient.birthDate"
CONTRADICTS_ROUTING = "contradicts:MessageHeader.birthDateTime"

_DAY = len("YYYY-MM-DD")
_BRITISH_SUMMER_TIME = timezone(timedelta(hours=1))
_BIRTH_TIME = "patient-birthTime"
_OF_IDENTITY = "pds-"


def refuse_other_birth_date(facts: PatientFacts, routed: str | None) -> None:
    """Raise UnreadableMessageError when the Patient was born on another day than routing says."""
    if _is_other_day(facts.born, routed):
        raise UnreadableMessageError(field=BIRTH_DATE, reason=CONTRADICTS_ROUTING)


def doubt_about_birth(
    message: NemsMessage, facts: PatientFacts, number: Identifier | None, *, ref: str
) -> BirthDoubt | None:
    """What is in doubt where the two dates of birth contradict each other; None where nothing is.

    Raises UnreadableMessageError where no verified number says all the same who is meant.
    """
    routing = message.routing
    if routing.birth is None or not _is_other_day(facts.born, routing.birth):
        return None
    if number is None or not number.is_verified:
        raise UnreadableMessageError(field=BIRTH_DATE, reason=CONTRADICTS_ROUTING)
    return BirthDoubt(
        BIRTH_DATE,
        CONTRADICTS_ROUTING,
        ref,
        stated=facts.born,
        routed=tuple(sorted(days_meant(routing.birth))),
        is_timed=not _days_of_birth_time(facts.element).isdisjoint(days_meant(routing.birth)),
        against=tuple(_against(message, facts)),
    )


def contradicts_itself(message: NemsMessage, facts: PatientFacts) -> bool:
    """Whether a Patient's time of birth is on another day than their date, and nothing settles it.

    Where the header names the day by which it was routed, that is compared instead.
    """
    born = facts.born
    if born is None or message.routing.birth is not None:
        return False
    days = _days_of_birth_time(facts.element)
    return bool(days) and not any(_same_as_far_as_known(born, day) for day in days)


def _against(message: NemsMessage, facts: PatientFacts) -> Iterator[str]:
    """Why a steward has to look, whatever agrees."""
    routing = message.routing
    if message.event.startswith(_OF_IDENTITY):
        yield "tells-who-they-are"
    if facts.number is None or routing.nhs_number is None:
        yield "number-stated-once"
    if facts.name.placeholder:
        yield "placeholder-name"
    if not _is_same_name(facts.name, routing):
        yield "other-name"
    if facts.birth_order or value(facts.element, "multipleBirthBoolean") == "true":
        yield "multiple-birth"
    if facts.death is not None and facts.death.said is not None and facts.death.said.says_died:
        yield STATES_A_DEATH
    if any(len(date or "") < _DAY for date in (facts.born, routing.birth)):
        yield "date-incomplete"


def _is_same_name(name: Name, routing: Routing) -> bool:
    """Family and first given name, in whatever letters; who is not named is not the same."""
    names = (name.family, *name.given[:1], routing.family_name, *routing.given_names[:1])
    if len(names) < 4 or not all(names):  # noqa: PLR2004 two names of each
        return False
    family, given, routed_family, routed_given = (_words(text or "") for text in names)
    return family == routed_family and given[:1] == routed_given[:1]


def _words(text: str) -> list[str]:
    return text.casefold().replace("-", " ").split()


def _is_other_day(born: str | None, routed: str | None) -> bool:
    """Whether no day that routing may mean is the Patient's.

    A routing time may be the local midnight in UTC, so both the day in UTC and the day in British
    Summer Time count as agreeing, as does the day as it is written.
    """
    if born is None or routed is None or routed[:_DAY] == born:
        return False
    return not any(_same_as_far_as_known(born, day) for day in days_meant(routed))


def _days_of_birth_time(patient: Node) -> set[str]:
    """The days that the time of birth may mean; none where none is stated, or none that is one."""
    stated = extension(child(patient, "birthDate") or {}, _BIRTH_TIME)
    try:
        time = date_time(stated, "valueDateTime", field=BIRTH_DATE) if stated else None
    except UnreadableMessageError:
        time = None
    return set() if time is None else days_meant(time)


def days_meant(text: str) -> set[str]:
    """The days that a date or a moment may mean, by the clocks of winter and of summer."""
    if len(text) <= _DAY:
        return {text}
    moment = datetime.fromisoformat(text)
    try:
        zoned = [moment.astimezone(zone) for zone in (UTC, _BRITISH_SUMMER_TIME)]
    except OverflowError:
        zoned = []
    return {text[:_DAY], *(local.date().isoformat() for local in zoned)}


def _same_as_far_as_known(one: str, other: str) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]
