"""A row of a health-visiting list to source message. Pure.

A row is a contact of one child, or their health visitor, or both; an empty cell says nothing. What
a contact came to is a status of FHIR's, in words that people write, and is read where all of them
are. The mandated reviews are known by their codes and names (DOMAIN section 2.1.5).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.health_visiting.clinical.encounters import review_named
from connectors.health_visiting.clinical.timeliness import (
    TIMELINESS,
    TIMELINESS_NOT_KNOWN,
    EncounterDates,
    MandatedReview,
    timeliness,
)
from connectors.health_visiting.nems.nodes import is_before
from connectors.health_visiting.nems.statuses import STATUS_CODES
from connectors.parsing.demographics import is_placeholder_name
from connectors.parsing.tables.cells import Cells
from connectors.parsing.tables.templates import AS_AT, ListTemplate
from connectors.ports import AboutWhom
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import Demographics, Record, SourceMessage, Subject, Version
from schemas.records.payloads import (
    Coding,
    FactStatus,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
)
from schemas.vocabulary import Category, Label, Source

_NAME: Final = "health-visiting-list"
_REF: Final = "child"
_DAY: Final = len("YYYY-MM-DD")
_ODS: Final = re.compile(r"[A-Z0-9]{3,9}")
_OWN_ID: Final = re.compile(r"[A-Z0-9][A-Z0-9/._-]{0,63}")
_LOCATION: Final = frozenset({Label.LOCATION})
_SERVICE: Final = "Health visiting service"
_SOME_CONTACT: Final = "Contact with a health visitor"
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "home visit": "Home visit",
        "clinic": "Seen at a clinic",
        "telephone": "Contact by telephone",
        "video": "Contact by video",
        "group": "Seen in a group",
    }
)
_CODE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "done": "finished",
        "completed": "finished",
        "planned": "planned",
        "booked": "booked",
        "not attended": "noshow",
        "did not attend": "noshow",
        "dna": "noshow",
        "cancelled": "cancelled",
    }
)
"""A status in words, and the code of FHIR that says the same."""
_OF_CODE: Final = {**STATUS_CODES["Appointment"], **STATUS_CODES["Encounter"]}


@dataclass(frozen=True, slots=True, repr=False)
class _Row:
    """A row, with what every record of it begins with."""

    cells: Cells
    number: Identifier
    organisation: str
    day: str

    @property
    def key(self) -> str:
        """The child as this organisation's lists tell them."""
        return f"list/{self.organisation}/{self.number.value}"

    @property
    def born(self) -> str:
        """When the child was born."""
        return self.cells.date("DATE_OF_BIRTH")


def source_message_from_contact(cells: Cells, message_id: str, version: Version) -> SourceMessage:
    """What a row says; raises UnreadableMessageError."""
    row = _Row(cells, _number(cells), _organisation(cells), version.at[:_DAY])
    who = _demographics(row)
    return SourceMessage(
        source=Source.HEALTH_VISITING,
        message_id=message_id,
        version=version,
        subjects=(Subject(_REF, (row.number,), who),),
        records=tuple(_records(row, who)),
        sender=row.organisation,
        kind=MessageKind.CONTACT,
        names=(f"{_NAME}/{row.key}/{_name_of_contact(row)}",),
    )


def about_of_contact(cells: Cells, version: Version) -> AboutWhom:
    """Of a row that cannot be read: whom it names, if anybody."""
    try:
        return AboutWhom(MessageKind.CONTACT, (_number(cells),), (), version)
    except UnreadableMessageError:
        return AboutWhom(MessageKind.CONTACT, (), (), version)


def _number(cells: Cells) -> Identifier:
    number = cells.nhs_number("NHS_NUMBER")
    if number is None:
        raise cells.refusal("NHS_NUMBER", "missing")
    if not number.is_verified:
        raise cells.refusal("NHS_NUMBER", "check-digit")
    return number


def _organisation(cells: Cells) -> str:
    code = cells.code("ORGANISATION_CODE", _ODS)
    if code is None:
        raise cells.refusal("ORGANISATION_CODE", "missing")
    return code


def _demographics(row: _Row) -> Demographics:
    family, given = row.cells.text("FAMILY_NAME"), row.cells.text("GIVEN_NAMES")
    names = () if given is None else tuple(given.split())
    return Demographics(
        family_name=family,
        given_names=names,
        date_of_birth=row.born,
        placeholder_name=is_placeholder_name(family=family, given=names),
    )


def _records(row: _Row, who: Demographics) -> Iterator[Record]:
    if who.family_name or who.given_names:
        details = PersonDetails(
            family_name=who.family_name,
            given_names=who.given_names,
            date_of_birth=who.date_of_birth,
            placeholder_name=who.placeholder_name,
        )
        yield Record(f"{row.key}/details", Category.IDENTITY_AND_CONTACT, (_REF,), details)
    if row.cells.text("CONTACT_DATE") or row.cells.text("CONTACT_TYPE"):
        yield Record(
            f"{row.key}/contact/{_name_of_contact(row)}",
            Category.CHILD_HEALTH,
            (_REF,),
            _contact(row),
            labels=_LOCATION,
        )
    if any(row.cells.text(f"PRACTITIONER_{x}") for x in ("NAME", "ID", "PHONE")):
        yield Record(
            f"{row.key}/health-visitor",
            Category.PRACTITIONERS,
            (_REF,),
            _health_visitor(row),
            labels=_LOCATION,
        )


# A contact.


def _name_of_contact(row: _Row) -> str:
    """What the organisation calls it; else what it was and when: so a date put right is another."""
    own = row.cells.code("CONTACT_ID", _OWN_ID)
    if own is not None:
        return own
    review = _review(row)
    kind = "contact" if review is None else review.value
    return f"{kind}/{row.cells.day('CONTACT_DATE') or 'undated'}"


def _contact(row: _Row) -> Occurrence:
    review, on, status = _review(row), row.cells.day("CONTACT_DATE"), _status(row)
    if review not in {None, MandatedReview.ANTENATAL} and on is not None and on < row.born:
        raise row.cells.refusal("CONTACT_DATE", "contradicts:DATE_OF_BIRTH")
    dates = EncounterDates(on, row.born)
    is_said = review is not None and status is FactStatus.HOLDS
    when = timeliness(review, dates) if review is not None and is_said else None
    said = ((TIMELINESS, when or TIMELINESS_NOT_KNOWN),) if is_said else ()
    return Occurrence(
        kind=OccurrenceKind.CONTACT if review is None else OccurrenceKind.REVIEW,
        title=_title(row) if review is None else review.label,
        period=Period(on),
        outcome="Did not take place" if status is FactStatus.NOT_DONE else None,
        not_done=status is FactStatus.NOT_DONE,
        agency_name=row.cells.text("ORGANISATION_NAME"),
        practitioner_name=row.cells.text("PRACTITIONER_NAME"),
        details=said,
        status=status,
    )


def _review(row: _Row) -> MandatedReview | None:
    said = row.cells.text("CONTACT_TYPE")
    return None if said is None else review_named([Coding("", said, said)])


def _title(row: _Row) -> str:
    """Of a contact that is no review only its kind is told: a cell may hold anything."""
    return _KINDS.get((row.cells.text("CONTACT_TYPE") or "").casefold(), _SOME_CONTACT)


def _status(row: _Row) -> FactStatus:
    """Not known of what is on no list, and of what is told as done on a day to come."""
    said = (row.cells.text("CONTACT_STATUS") or "done").casefold()
    status = _OF_CODE.get(_CODE_OF.get(said, said), FactStatus.UNKNOWN)
    on = row.cells.day("CONTACT_DATE")
    is_to_come = on is not None and is_before(row.day, on)
    return FactStatus.UNKNOWN if status is FactStatus.HOLDS and is_to_come else status


# Their health visitor.


def _health_visitor(row: _Row) -> Involvement:
    cells = row.cells
    since, until = cells.day("PRACTITIONER_FROM"), cells.day("PRACTITIONER_UNTIL")
    if since is not None and until is not None and until < since:
        raise cells.refusal("PRACTITIONER_UNTIL", "contradicts:PRACTITIONER_FROM")
    return Involvement(
        service=_SERVICE,
        agency_code=row.organisation,
        agency_name=cells.text("ORGANISATION_NAME"),
        team=cells.text("TEAM_NAME"),
        practitioner_name=cells.text("PRACTITIONER_NAME"),
        practitioner_ref=cells.code("PRACTITIONER_ID", _OWN_ID),
        telephone=cells.telephone("PRACTITIONER_PHONE"),
        period=Period(since, until),
    )


CONTACT_LIST: Final = ListTemplate(
    name=_NAME,
    by="CONTACT_TYPE",
    required=("NHS_NUMBER", "DATE_OF_BIRTH", "ORGANISATION_CODE", "CONTACT_TYPE"),
    columns=(
        *("NHS_NUMBER", "FAMILY_NAME", "GIVEN_NAMES", "DATE_OF_BIRTH"),
        *("CONTACT_ID", "CONTACT_TYPE", "CONTACT_DATE", "CONTACT_STATUS"),
        *("PRACTITIONER_NAME", "PRACTITIONER_ID", "PRACTITIONER_PHONE"),
        *("PRACTITIONER_FROM", "PRACTITIONER_UNTIL", "TEAM_NAME"),
        *("ORGANISATION_CODE", "ORGANISATION_NAME", AS_AT),
    ),
    checked={
        "PRACTITIONER_PHONE": Cells.telephone,
        "PRACTITIONER_FROM": Cells.day,
        "PRACTITIONER_UNTIL": Cells.day,
        "PRACTITIONER_ID": lambda cells, column: cells.code(column, _OWN_ID),
    },
    message=source_message_from_contact,
    about=about_of_contact,
)
"""The list under the titles of `schemas/published/health-visiting-template.csv`."""
