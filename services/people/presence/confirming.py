"""Somebody else says that it is them: a confirming officer, or a colleague who sees them too.

An officer opens no records. They see the name and the contacts held of who is there, for one
request, and ring back or look at a document or a letter. A colleague sees who is there, and
nothing that is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from services.people.practitioners.people import SignedInPractitioner, is_another_human
from services.people.presence.beginning import (
    may_be_confirmed,
    open_to,
    own_presence,
    typed_subject,
)
from services.people.presence.contacts import HeldContact, usable_contacts
from services.people.presence.model import (
    ANSWERS,
    ConfirmationRequest,
    ConfirmedPresence,
    ConfirmingAnswer,
    Way,
    WhyNotConfirmed,
)
from services.people.presence.ports import Presences
from services.people.relationships.model import Warrant, WarrantKind

FEWEST_OFFICERS = 2
"""How many confirming officers a council needs at least: one is ill, or is the one who asks."""

_LASTS = timedelta(hours=4)
_WARRANTS = {Way.OFFICER: WarrantKind.OFFICER, Way.COLLEAGUE: WarrantKind.COLLEAGUE}
_MARKED_UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request as it is listed: who asks, never whom it is about."""

    request: ConfirmationRequest
    asker: SignedInPractitioner


@dataclass(frozen=True, slots=True, repr=False)
class ShownRequest:
    """A request as an officer opens it: the names and the contacts by which to ask."""

    request: ConfirmationRequest
    asker: SignedInPractitioner
    names: Sequence[str]
    contacts: Sequence[HeldContact]


def ask_to_confirm(
    presence_id: str, way: Way, who: SignedInPractitioner, *, presences: Presences
) -> ConfirmationRequest | WhyNotConfirmed:
    """Ask an officer or a colleague. Not where who is there is not free to say who they are."""
    presence = own_presence(presence_id, who, presences=presences)
    if presence is None:
        return _refuse(None, WhyNotConfirmed.FOREIGN, who, presences)
    if not may_be_confirmed(presence):
        return _refuse(None, WhyNotConfirmed.NOT_FREE, who, presences)
    lapses = min(presences.at + _LASTS, presence.lapses_at)
    request_id = str(new_entry_id(presences.at))
    request = ConfirmationRequest(request_id, presence, way, presences.at, lapses)
    presences.rows.ask(request)
    fields: dict[str, FieldValue] = {
        "presence": presence.id,
        "request": request.id,
        "way": way,
    }
    presences.enter(LedgerEvent.PRESENCE_CONFIRMATION_ASKED, fields, by=who.actor)
    return request


def waiting_for(who: SignedInPractitioner, *, presences: Presences) -> Sequence[WaitingRequest]:
    """The requests that this officer or colleague may answer, the longest waiting first."""
    way = Way.OFFICER if who.role is Role.CONFIRMING_OFFICER else Way.COLLEAGUE
    found = presences.rows.open_requests(way, at=presences.at)
    askers = ((one, presences.directory.practitioner(one.presence.practitioner)) for one in found)
    return [
        WaitingRequest(one, asker)
        for one, asker in askers
        if asker is not None and _may_answer(one, asker, who)
    ]


def waiting_for_officer(
    who: SignedInPractitioner, *, presences: Presences
) -> Sequence[WaitingRequest] | WhyNotConfirmed:
    """An officer's queue; refused, and entered, to anybody else."""
    if who.role is not Role.CONFIRMING_OFFICER:
        return _refuse(None, WhyNotConfirmed.NOT_THEIRS, who, presences)
    return waiting_for(who, presences=presences)


def show_request(
    request_id: str, who: SignedInPractitioner, *, presences: Presences
) -> ShownRequest | WhyNotConfirmed:
    """Show an officer whom to ring, for this one confirmation; the look is entered."""
    found = _answerable(request_id, who, presences)
    if isinstance(found, WhyNotConfirmed) or found.request.way is not Way.OFFICER:
        why = found if isinstance(found, WhyNotConfirmed) else WhyNotConfirmed.NOT_THEIRS
        return _refuse(None, why, who, presences)
    contacts = _contacts(found, presences)
    person = found.request.presence.person
    fields: dict[str, FieldValue] = {
        "request": request_id,
        "person": [] if person is None else [person],
        "contacts": [one.digest.hex() for one in contacts],
    }
    presences.enter(LedgerEvent.PRESENCE_CONTACT_SHOWN, fields, by=who.actor)
    names = list(dict.fromkeys(one.name for one in contacts if one.name))
    return ShownRequest(found.request, found.asker, names, contacts)


def answer_request(
    request_id: str, answer: ConfirmingAnswer, who: SignedInPractitioner, *, presences: Presences
) -> ConfirmedPresence | ConfirmingAnswer | WhyNotConfirmed:
    """Say whether it is them; a yes opens for who asked, for one hour.

    Gives the answer where it is taken and opens nothing. A failed attempt is entered.
    """
    found = _answerable(request_id, who, presences)
    if isinstance(found, WhyNotConfirmed):
        return _refuse(None, found, who, presences)
    contacts = _contacts(found, presences)
    why_not = _why_not(found.request, answer, contacts)
    if why_not is not None:
        return _refuse(found.request, why_not, who, presences)
    _take(found.request, answer, who, presences)
    if answer is ConfirmingAnswer.UNSAFE:
        _mark_unsafe(contacts, who, presences)
    if not answer.is_yes:
        return answer
    opened = _open(found, who, presences)
    return opened or _refuse(found.request, WhyNotConfirmed.USED, who, presences)


def _open(
    found: WaitingRequest, who: SignedInPractitioner, presences: Presences
) -> ConfirmedPresence | None:
    presence = found.request.presence
    person = presence.person or _made_by_document(found.request, presences)
    if person is None:
        return None
    warrant = Warrant(_WARRANTS[found.request.way], who.id)
    return open_to(presence, person, found.asker, warrant, by=who, presences=presences)


def _answerable(
    request_id: str, who: SignedInPractitioner, presences: Presences
) -> WaitingRequest | WhyNotConfirmed:
    request = presences.rows.request(request_id)
    if request is None:
        return WhyNotConfirmed.NOT_THERE
    asker = presences.directory.practitioner(request.presence.practitioner)
    if asker is None or not _may_answer(request, asker, who):
        return WhyNotConfirmed.NOT_THEIRS
    if request.answer is not None:
        return WhyNotConfirmed.ANSWERED
    return (
        WaitingRequest(request, asker) if request.is_open(presences.at) else WhyNotConfirmed.EXPIRED
    )


def _may_answer(
    request: ConfirmationRequest, asker: SignedInPractitioner, who: SignedInPractitioner
) -> bool:
    """An officer of another agency, or a colleague of the same: never one and the same human."""
    if not is_another_human(asker, who):
        return False
    is_of_the_agency = who.agency_code == request.presence.agency
    match request.way:
        case Way.OFFICER:
            return who.role is Role.CONFIRMING_OFFICER and not is_of_the_agency
        case Way.COLLEAGUE:
            return who.role in OPENS_FAMILY_RECORDS and is_of_the_agency


def _why_not(
    request: ConfirmationRequest, answer: ConfirmingAnswer, contacts: Sequence[HeldContact]
) -> WhyNotConfirmed | None:
    if answer not in ANSWERS[request.way]:
        return WhyNotConfirmed.NOT_THEIRS
    if answer is ConfirmingAnswer.RANG_BACK and not contacts:
        return WhyNotConfirmed.NOBODY_KNOWN  # a number that nobody held was rung
    is_seen = answer is ConfirmingAnswer.SEES_THEM
    return WhyNotConfirmed.NOBODY_KNOWN if is_seen and request.presence.person is None else None


def _contacts(found: WaitingRequest, presences: Presences) -> Sequence[HeldContact]:
    """By which an officer may ask: as for a code, but somebody can ring a landline too."""
    presence = found.request.presence
    held = presences.contacts.of(presence.person)
    unusable = presences.contacts.unusable(held, found.asker.id)
    with_whom = presence.with_whom.value
    return usable_contacts(held, with_whom, found.asker, unusable=unusable, at=presences.at)


def _take(
    request: ConfirmationRequest,
    answer: ConfirmingAnswer,
    who: SignedInPractitioner,
    presences: Presences,
) -> None:
    presences.rows.answer(request, answer, by=who.actor, at=presences.at)
    fields: dict[str, FieldValue] = {"request": request.id, "answer": answer}
    presences.enter(LedgerEvent.PRESENCE_CONFIRMATION_ANSWERED, fields, by=who.actor)


def _mark_unsafe(
    contacts: Sequence[HeldContact], who: SignedInPractitioner, presences: Presences
) -> None:
    for one in contacts:
        presences.contacts.mark(one.digest, _MARKED_UNSAFE, by=who.actor, at=presences.at)
        fields: dict[str, FieldValue] = {"contact": one.digest.hex(), "kind": _MARKED_UNSAFE}
        presences.enter(LedgerEvent.CONTACT_MARKED, fields, by=who.actor)


def _made_by_document(request: ConfirmationRequest, presences: Presences) -> PersonId | None:
    """Whoever has checked a document makes somebody known whom no source has told of yet."""
    subject = typed_subject(request.presence, presences=presences)
    if subject is None:
        return None
    known = presences.persons.resolve([subject])[0]
    if known.person is not None or known.conflict is not None:
        return None  # known by now, or known otherwise, or hidden from who asks
    return presences.persons.resolve_or_create(subject, at=presences.at)


def _refuse(
    request: ConfirmationRequest | None,
    why: WhyNotConfirmed,
    who: SignedInPractitioner,
    presences: Presences,
) -> WhyNotConfirmed:
    fields: dict[str, FieldValue] = {
        "request": [] if request is None else [request.id],
        "because": why,
    }
    presences.enter(LedgerEvent.PRESENCE_CONFIRMATION_REFUSED, fields, by=who.actor)
    return why
