"""Registrars' lists of births: read under titles of our own, each row to source message. Pure.

One fact: that a birth is in the register, since when, in which district, and by which name. Nothing
else of the entry is asked for or read: parents, their work and where they live stand in a
certificate, which is for whoever orders it (Births and Deaths Registration Act 1953, section 30).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from connectors.parsing.demographics import is_placeholder_name
from connectors.parsing.limits import CLASS_LIST_ROW_BYTES
from connectors.parsing.tables.cells import Cells
from connectors.parsing.tables.templates import AS_AT, ListTemplate, begins_as, read_template
from connectors.ports import AboutWhom, Received, Unreadable
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import Demographics, Record, SourceMessage, Subject, Version
from schemas.records.payloads import (
    BIRTH_REGISTERED,
    FactStatus,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
)
from schemas.vocabulary import Action, Category, Label, Source

_NAME: Final = "birth-registrations"
_REF: Final = "child"
_DAY: Final = len("YYYY-MM-DD")
_LA: Final = re.compile(r"[0-9]{3}")
_LOCATION: Final = frozenset({Label.LOCATION})
_IDENTITY: Final = Category.IDENTITY_AND_CONTACT
_LONGEST_DISTRICT: Final = 80
_STANDS: Final = frozenset({"registered", "re-registered"})
_NOT_YET: Final = frozenset({"not registered"})
_TAKEN_BACK: Final = frozenset({"cancelled", "entered in error"})


def source_message_from_registration(
    cells: Cells, message_id: str, version: Version
) -> SourceMessage:
    """What a row says; raises UnreadableMessageError."""
    council, number, who = _council(cells), _number(cells), _demographics(cells)
    said = _said(cells)
    on = None if said in _NOT_YET else _registered_on(cells, who, version.at[:_DAY])
    key = f"registration/{council}/{number.value}"
    return SourceMessage(
        source=Source.FAMILY_HUB,
        message_id=message_id,
        version=version,
        subjects=(Subject(_REF, (number,), who),),
        records=_gone(key) if said in _TAKEN_BACK else _records(cells, key, who, on),
        sender=council,
        kind=MessageKind.BIRTH_REGISTRATION,
        names=(f"{_NAME}/{key}",),
        # Who registers a birth does not work with the child: a list makes nobody anybody's own.
        mentions=(_removal(f"{key}/nobodys-own"),),
    )


def about_of_registration(cells: Cells, version: Version) -> AboutWhom:
    """Of a row that cannot be read: whom it names, if anybody."""
    try:
        return AboutWhom(MessageKind.BIRTH_REGISTRATION, (_number(cells),), (), version)
    except UnreadableMessageError:
        return AboutWhom(MessageKind.BIRTH_REGISTRATION, (), (), version)


def _records(cells: Cells, key: str, who: Demographics, on: str | None) -> tuple[Record, ...]:
    """The registered name as a claim beside others; and that it is registered, or not yet.

    Registrars are told of births too, and know of whom nobody has come; by which name such a child
    will be registered nobody knows.
    """
    if on is None:
        return _removal(f"{key}/name"), _entered(cells, key, on)
    details = PersonDetails(
        family_name=who.family_name,
        given_names=who.given_names,
        date_of_birth=who.date_of_birth,
        placeholder_name=who.placeholder_name,
    )
    return Record(f"{key}/name", _IDENTITY, (_REF,), details), _entered(cells, key, on)


def _entered(cells: Cells, key: str, on: str | None) -> Record:
    entered = Occurrence(
        kind=OccurrenceKind.CONTACT,
        title=BIRTH_REGISTERED,
        period=Period(on),
        details=(("Registration district", _district(cells)),),
        not_done=on is None,
        status=FactStatus.NOT_DONE if on is None else FactStatus.HOLDS,
    )
    return Record(f"{key}/entered", _IDENTITY, (_REF,), entered, labels=_LOCATION)


def _gone(key: str) -> tuple[Record, ...]:
    """What an entry that never counted has said."""
    return (_removal(f"{key}/name"), _removal(f"{key}/entered"))


def _removal(source_id: str) -> Record:
    return Record(source_id, _IDENTITY, (_REF,), None, Action.REMOVE)


# Which office, which child, since when.


def _council(cells: Cells) -> str:
    code = cells.code("LA_CODE", _LA)
    if code is None:
        raise cells.refusal("LA_CODE", "missing")
    return code


def _district(cells: Cells) -> str:
    said = cells.required("REGISTRATION_DISTRICT")
    if len(said) > _LONGEST_DISTRICT:
        raise cells.refusal("REGISTRATION_DISTRICT", "too-long")
    return said


def _said(cells: Cells) -> str:
    said = (cells.text("REGISTRATION_STATUS") or "registered").casefold()
    if said not in _STANDS | _TAKEN_BACK | _NOT_YET:
        raise cells.refusal("REGISTRATION_STATUS", "unknown")
    if said in _NOT_YET and cells.text("REGISTERED_ON") is not None:
        raise cells.refusal("REGISTERED_ON", "contradicts:REGISTRATION_STATUS")
    return said


def _registered_on(cells: Cells, who: Demographics, day: str) -> str:
    """Not before the birth, and not on a day to come."""
    on = cells.date("REGISTERED_ON")
    if on < (who.date_of_birth or ""):
        raise cells.refusal("REGISTERED_ON", "contradicts:DATE_OF_BIRTH")
    if on > day:
        raise cells.refusal("REGISTERED_ON", f"contradicts:{AS_AT}")
    return on


def _number(cells: Cells) -> Identifier:
    """By it alone the child is found: a name that was just given is known to nobody else."""
    number = cells.nhs_number("NHS_NUMBER")
    if number is None:
        raise cells.refusal("NHS_NUMBER", "missing")
    if not number.is_verified:
        raise cells.refusal("NHS_NUMBER", "check-digit")
    return number


def _demographics(cells: Cells) -> Demographics:
    family, given = cells.text("FAMILY_NAME"), cells.text("GIVEN_NAMES")
    names = () if given is None else tuple(given.split())
    return Demographics(
        family_name=family,
        given_names=names,
        date_of_birth=cells.date("DATE_OF_BIRTH"),
        placeholder_name=is_placeholder_name(family=family, given=names),
    )


REGISTRATIONS: Final = ListTemplate(
    name=_NAME,
    by="REGISTERED_ON",
    required=("LA_CODE", "REGISTRATION_DISTRICT", "REGISTERED_ON", "NHS_NUMBER", "DATE_OF_BIRTH"),
    columns=(
        *("LA_CODE", "REGISTRATION_DISTRICT", "REGISTERED_ON", "REGISTRATION_STATUS"),
        *("NHS_NUMBER", "FAMILY_NAME", "GIVEN_NAMES", "DATE_OF_BIRTH", AS_AT),
    ),
    checked={},
    message=source_message_from_registration,
    about=about_of_registration,
)
"""The list under the titles of `schemas/published/birth-registrations-template.csv`."""

_NO_LIST: Final = Unreadable(_NAME, "wrong-root")


def read_family_hub(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The births of a list; `received_at` (aware) versions rows that say nothing of when.

    Nothing else comes to a hub in files: what it writes itself it writes on pages.
    """
    is_list, whole = begins_as(stream, REGISTRATIONS)
    if is_list:
        return read_template(whole, REGISTRATIONS, received_at=received_at)
    beginning = whole.read(CLASS_LIST_ROW_BYTES)
    return iter((Received(0, _NO_LIST, raw=lambda: beginning),))
