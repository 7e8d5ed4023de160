"""Contacts in one spelling, and to which of them a code may go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.identifiers import PersonId
from schemas.records.payloads import Telecom
from schemas.vocabulary import Source
from services.people.practitioners.people import SignedInPractitioner
from services.platform.messages.ports import MessageChannel

HELD_FOR = timedelta(days=28)
"""How long a contact must have been held before a code goes to it."""

MOST_PERSONS = 8
"""A contact that is held of more people than this is a desk's, or a household's of many."""

_MOBILE = "+447"
_UK = "+44"
_EXIT = "00"
_TRUNK = "0"
_FEWEST_DIGITS = 9
_DIGITS_WITH_COUNTRY = 12


class ContactKind(StrEnum):
    """What a contact is: where a code may go by itself, and where only somebody can ring."""

    EMAIL = "email"
    MOBILE = "mobile"
    LANDLINE = "landline"

    @property
    def channel(self) -> MessageChannel | None:
        """By what a code would go to it."""
        return _CHANNELS.get(self)


_CHANNELS = {
    ContactKind.EMAIL: MessageChannel.EMAIL,
    ContactKind.MOBILE: MessageChannel.SMS,
}


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """A telephone number or an address of e-mail, in its one spelling."""

    kind: ContactKind
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class HeldContact:
    """A contact as a source holds it of somebody; `digest` is its keyed hash.

    `held_as` is "own", or whose it is to the child whose record it stands in. `name` is what the
    source calls them. `is_as_written` is false where the ledger does not vouch for it: it may have
    been put there by whoever is not who they say. `is_shared` says that it is of two people who
    answer for one child, or of too many people to be anybody's.
    """

    person: PersonId
    source: Source
    agency: str
    digest: bytes
    held_as: str
    first_at: datetime
    contact: Contact
    name: str = ""
    is_shared: bool = False
    is_as_written: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Unusable:
    """What speaks against contacts: marks for everybody, and those of the one who asks."""

    marked: frozenset[bytes] = frozenset()
    of_the_asker: frozenset[bytes] = frozenset()


def contact_from(telecom: Telecom) -> Contact | None:
    """A contact in the spelling by which it is compared; None for what is neither."""
    if telecom.system == ContactKind.EMAIL:
        return _email(telecom.value)
    return contact_from_number(telecom.value)


def contact_from_number(text: str) -> Contact | None:
    """A telephone number as it is dialled from abroad; those without a country are British."""
    digits = "".join(c for c in text if c.isdigit() and c.isascii())
    if text.strip().startswith("+") or (
        digits.startswith(_UK[1:]) and len(digits) == _DIGITS_WITH_COUNTRY
    ):
        number = f"+{digits}"
    elif digits.startswith(_EXIT):
        number = f"+{digits.removeprefix(_EXIT)}"
    else:
        number = f"{_UK}{digits.removeprefix(_TRUNK)}"
    number = number.replace(f"{_UK}{_TRUNK}", _UK, 1)  # as in +44 (0)7700 900123
    if len(digits) < _FEWEST_DIGITS:
        return None
    return Contact(
        ContactKind.MOBILE if number.startswith(_MOBILE) else ContactKind.LANDLINE, number
    )


def usable_contacts(
    held: Sequence[HeldContact],
    with_whom: str,
    asker: SignedInPractitioner,
    *,
    unusable: Unusable,
    at: datetime,
) -> Sequence[HeldContact]:
    """The contacts by which somebody may be asked whether it is them, those held longest first.

    (1) It is that of who is there: one of a child's other parent would tell them.
    (2) Somebody other than the asker's agency has held it, for 28 days.
    (3) It is as it was written, it is not shared, nor was it marked unsafe.
    (4) It is not the asker's own or a relative's, nor of anybody who works here.
    """
    usable = [
        one
        for one in held
        if one.held_as == with_whom  # (1)
        and _is_of_another_agency(one, asker)  # (2)
        and at - one.first_at >= HELD_FOR
        and one.is_as_written  # (3)
        and not one.is_shared
        and one.digest not in unusable.marked
        and one.digest not in unusable.of_the_asker  # (4)
    ]
    return sorted(usable, key=_how_long_held)


def contact_for_code(
    usable: Sequence[HeldContact], channels: Collection[MessageChannel]
) -> HeldContact | None:
    """The one that a code goes to: the first that something carries messages to."""
    return next((one for one in usable if one.contact.kind.channel in channels), None)


def _is_of_another_agency(held: HeldContact, asker: SignedInPractitioner) -> bool:
    """Where a source's agency is not known, any of its kind may be the asker's."""
    if held.agency:
        return held.agency != asker.agency_code
    return held.source is not asker.agency_kind


def _how_long_held(held: HeldContact) -> tuple[datetime, bytes]:
    return held.first_at, held.digest


def _email(text: str) -> Contact | None:
    address = text.strip().casefold()
    local, _, domain = address.rpartition("@")
    return Contact(ContactKind.EMAIL, address) if local and domain else None
