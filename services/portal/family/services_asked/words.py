"""Services that were asked, in words: how each stands, what happened, what to do now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from schemas.uk_time import uk_day
from schemas.vocabulary import Category
from services.interfaces.connections.chasing import TAKEN_BACK, TIME_OVER
from services.interfaces.connections.life import (
    HELPING,
    WAITS_FOR_ANSWER,
    ConnectionStatus,
    DeclineReason,
    EndReason,
)
from services.interfaces.connections.model import (
    AskedService,
    Happened,
    NotAsked,
    ServiceConnection,
)
from services.interfaces.connections.reference import spelled
from services.interfaces.directory.entries.form import CAPACITIES
from services.portal.family.services_asked.services import RequestSeen
from services.portal.frame.addresses import FamilyAddresses
from services.portal.frame.addresses_services import ServiceAddresses
from services.portal.words.cards import Tag
from services.portal.words.dates import date_in_words, moment_in_words
from services.portal.words.people import telephone_link

_S = ConnectionStatus
_COLOURS: Final = {
    _S.DRAFT: "yellow",
    _S.AGREED: "yellow",
    **dict.fromkeys(WAITS_FOR_ANSWER, "yellow"),
    **dict.fromkeys(HELPING, "green"),
    _S.FINISHED: "grey",
    _S.DECLINED: "grey",
    _S.LAPSED: "red",
    _S.WITHDRAWN: "grey",
}
_TOLD: Final = {
    Category.IDENTITY_AND_CONTACT: "a name and how to reach them",
    Category.COMMUNICATION_NEEDS: "how they are understood",
    Category.STORY: "what they said",
}
_WAITS: Final = frozenset({_S.SENT, _S.DELIVERED, _S.OPENED})
_HAPPENED: Final = {
    "ask": "The family was asked. It waits until somebody confirms it, and nothing is sent before",
    "agree": "The family agreed",
    "send": "Sent",
    "deliver": "Received",
    "fail": "It came back: they did not receive it",
    "open": "Opened by the service",
    "ring": "The service asks to be rung before it answers",
    "accept": "The service said yes",
    "decline": "The service said no",
    "contact": "The service got in touch with the family",
    "start": "Help began",
    "finish": "Finished",
    "lapse": "Nobody answered in time. They can see nothing more",
    "withdraw": "Stopped by the family. They can see nothing more",
    "chase": "The service was reminded",
}
_BECAUSE: Final = {
    **{reason.value: reason.label for reason in DeclineReason},
    **{reason.value: reason.label for reason in EndReason},
    TAKEN_BACK: "The sharing decision was taken back",
    TIME_OVER: "The agreed time is over",
    "no-address": "Nobody at the service can be written to",
}
WHY_NOT: Final = {
    NotAsked.NOT_LISTED: "This service cannot be asked here any more. Ring them with the family",
    NotAsked.NO_PARTNER: "This service cannot be asked here. Ring them with the family",
    NotAsked.REFUSED: (
        "The family said no to sharing some of this, and that still stands. If they want this now,"
        " change it with them on the sharing page first, or leave that part out"
    ),
    NotAsked.NOT_PERMITTED: (
        "Something else on the sharing page stands against this. Look at it with the family, or"
        " ring the service together"
    ),
    NotAsked.NOTHING_TOLD: "Enter a name, and a number or an email",
    NotAsked.STORY_CLOSED: "One of the entries cannot be told to a service. Choose again",
    NotAsked.NOT_FREE: (
        "Ask again when they are alone with you, or with an interpreter who is not family"
    ),
    NotAsked.NOT_WRITTEN: "Nothing was written down. Try again",
}


@dataclass(frozen=True, slots=True)
class ServiceRequestLine:
    """A request in a list; `href` is where it is, `now` what to do about it."""

    name: str
    href: str
    state: Tag
    since: str
    now: str
    is_red: bool
    reference: str


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """A service that can be asked."""

    id: str
    name: str
    partner: str
    places: str
    telephone: str | None
    telephone_href: str | None
    has_waiting: bool


@dataclass(frozen=True, slots=True)
class RequestWords:
    """One request on its page."""

    line: ServiceRequestLine
    happened: tuple[tuple[str, str], ...]
    sees: str
    service: ServiceWords | None
    suggested: ServiceWords | None
    can_stop: bool
    can_send: bool


def service_words(found: AskedService) -> ServiceWords:
    """What it said of its places stands first: that was asked without a word on anybody."""
    known = CAPACITIES.get(found.capacity or "", CAPACITIES[""])
    places = f"{known}: {found.capacity_words}" if found.capacity_words else known
    href = telephone_link(found.telephone or "")
    return ServiceWords(
        found.id,
        found.name,
        found.partner_name,
        places,
        found.telephone,
        href,
        found.capacity in {"waiting-list", "full"},
    )


def request_lines(
    found: Sequence[RequestSeen], addresses: ServiceAddresses | None, today: date
) -> list[ServiceRequestLine]:
    """What needs somebody first, then what changed last; by the family whose page it is."""
    lines = [_line(one, addresses, today) for one in found]
    return sorted(lines, key=lambda line: not line.is_red)


def request_words(found: RequestSeen, addresses: ServiceAddresses, today: date) -> RequestWords:
    """All there is to say about it."""
    connection = found.connection
    status = connection.status
    is_back = connection.undelivered is not None and not status.is_over
    return RequestWords(
        _line(found, addresses, today),
        tuple((moment_in_words(one.at), _said(one)) for one in reversed(found.happened)),
        _sees(connection),
        None if found.service is None else service_words(found.service),
        None if found.suggested is None else service_words(found.suggested),
        can_stop=not status.is_over,
        can_send=is_back or status is _S.AGREED,
    )


def _line(
    found: RequestSeen, addresses: ServiceAddresses | None, today: date
) -> ServiceRequestLine:
    connection = found.connection
    where = addresses or ServiceAddresses(_family_of(connection))
    return ServiceRequestLine(
        "A service that is not listed any more" if found.service is None else found.service.name,
        where.asked(connection.id),
        _state(connection),
        moment_in_words(connection.changed_at),
        " ".join(_now(found, today)),
        connection.is_red,
        spelled(connection.reference),
    )


def _state(connection: ServiceConnection) -> Tag:
    status = connection.status
    if connection.undelivered is not None and not status.is_over:
        return Tag("Not received", "red")
    if status is _S.DECLINED and connection.declined is not None:
        return Tag(f"No: {connection.declined.label.lower()}", "grey")
    if status in _WAITS:
        return Tag("Waits for an answer", _COLOURS[status])
    return Tag(status.label, _COLOURS[status])


def _now(found: RequestSeen, today: date) -> Iterator[str]:
    connection = found.connection
    status = connection.status
    if status is _S.DRAFT:
        yield "It waits until the family confirms it. Nothing is sent before."
    elif connection.undelivered is not None and not status.is_over:
        yield "They did not receive it. Ring them, send it again, or ask another service."
    elif status in _WAITS and connection.respond_by is not None:
        if connection.is_to_ring:
            yield "They want you to ring them before they answer."
        late = connection.open_by is not None and uk_day(connection.open_by) < today
        if late and status is not _S.OPENED:
            yield "Nobody there has opened it yet. You could ring them."
        yield f"They answer by {_day(connection.respond_by)}."
        if connection.chased:
            yield "We have reminded them."
    elif status is _S.LAPSED:
        yield "Tell the family, and ask again or ask another service."
    elif status is _S.DECLINED and found.suggested is not None:
        yield f"They suggest {found.suggested.name}. They can see nothing more."
    elif status.is_over:
        yield "They can see nothing more."


def _said(one: Happened) -> str:
    why = _BECAUSE.get(one.because or "")
    return f"{_HAPPENED.get(one.change, one.change)}{f': {why.lower()}' if why else ''}"


def _sees(connection: ServiceConnection) -> str:
    if connection.status.is_over:
        return "Nothing any more."
    told = [words for category, words in _TOLD.items() if category in connection.categories]
    until = _day(connection.agreed_until)
    if connection.status in HELPING:
        return f"What the family agreed to, until {until}: {'; '.join(told)}."
    return (
        "Only what the family agreed to, and nothing once the day for an answer is over: "
        f"{'; '.join(told)}. If they say yes, until {until}."
    )


def _day(moment: datetime) -> str:
    return date_in_words(uk_day(moment))


def _family_of(connection: ServiceConnection) -> FamilyAddresses:
    return FamilyAddresses(connection.person)
