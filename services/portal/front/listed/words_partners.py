"""Partners who answer, in words: how each stands, who answers, what waits, what can be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.people.community.model import PartnerRegistration, RegistrationFault
from services.people.community.registering import RegistrationRefusal
from services.people.governance.orders import NotTheirs
from services.portal.front.listed.services_partners import PartnerRegistered, RegistrationWaiting
from services.portal.words.cards import Tag
from services.portal.words.dates import date_in_words, uk_day_in_words

PARTNERS: Final = "/partners-who-answer"
_DONE: Final[Mapping[str, str]] = {
    "asked": "Somebody else of a family hub has to confirm it. Until then nothing is changed.",
    "confirm": "You confirmed it. It is so from now on.",
    "decline": "You declined it. Nothing is changed.",
    "ended": "Nobody answers for them any more. Their links are shut.",
}
_WHY: Final[Mapping[StrEnum, str]] = {
    NotTheirs.ASKED_IT: "Somebody else has to confirm what you asked for",
    NotTheirs.ANSWERED: "Somebody has answered it already",
    NotTheirs.LAPSED: "Nobody answered it in time. Ask for it again",
    RegistrationRefusal.NOT_LISTED: "This partner is not listed here",
    RegistrationRefusal.NEVER_WAS: "Nobody is registered. Say who answers for them",
}
_RED, _YELLOW, _GREEN, _GREY = "red", "yellow", "green", "grey"
_FIRST: Final = (_RED, _YELLOW, _GREEN, _GREY)


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One in the list: `tag` says how it stands, `more` until when and what waits."""

    href: str
    name: str
    tag: Tag
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class WaitingRegistrationWords:
    """What somebody asked for, as whoever confirms it has to read it."""

    action: str
    asked: str
    rows: tuple[tuple[str, str], ...]
    may_confirm: bool


@dataclass(frozen=True, slots=True, repr=False)
class PartnerWords:
    """One partner with who answers for it; `rows` are empty where nobody does."""

    href: str
    name: str
    tag: Tag
    more: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    waiting: tuple[WaitingRegistrationWords, ...]
    is_registered: bool


def partner_done(done: str | None) -> str | None:
    """What has just been done."""
    return _DONE.get(done or "")


def why_not_registered(why: object) -> str:
    """Why nothing came of it."""
    if isinstance(why, StrEnum) and why in _WHY:
        return _WHY[why]
    if isinstance(why, RegistrationFault | RegistrationRefusal):
        return why.label
    return "This cannot be done now. Look at how it stands"


def partner_lines(found: Iterable[PartnerRegistered], now: datetime) -> Sequence[PartnerLine]:
    """Write the list, what is red first."""
    lines = [
        PartnerLine(f"{PARTNERS}/{one.code}", one.name, _tag(one, now), _more(one, now))
        for one in found
    ]
    return sorted(lines, key=lambda line: _FIRST.index(line.tag.colour))


def partner_words(found: PartnerRegistered, now: datetime) -> PartnerWords:
    """Write one."""
    standing = found.standing
    is_registered = standing is not None and not standing.is_ended
    rows: tuple[tuple[str, str], ...] = ()
    if standing is not None and not standing.is_ended:
        hands = f"{_upper(found.asked_by)}, and confirmed by {found.warranted_by}"
        rows = (
            *_rows(standing.registration),
            ("Asked for by", f"{hands}, on {uk_day_in_words(standing.known_at)}"),
        )
    return PartnerWords(
        f"{PARTNERS}/{found.code}",
        found.name,
        _tag(found, now),
        _more(found, now),
        rows,
        tuple(_waiting(one, found.code) for one in found.waiting),
        is_registered,
    )


def _tag(found: PartnerRegistered, now: datetime) -> Tag:
    standing = found.standing
    if standing is None:
        is_red = not found.has_system
        return Tag("Nobody is registered", _RED) if is_red else Tag("Answers by a system", _GREY)
    if standing.is_ended:
        return Tag("Ended", _GREY)
    if not standing.holds(now):
        return Tag("Overdue: not offered", _RED)
    if not found.is_offered:
        return Tag("Insurance is over: not offered", _RED)
    if found.mail_came_back:
        return Tag("Our mail came back", _RED)
    is_due = standing.is_due(now)
    return Tag("To be confirmed", _YELLOW) if is_due else Tag("Confirmed", _GREEN)


def _more(found: PartnerRegistered, now: datetime) -> tuple[str, ...]:
    standing, said = found.standing, []
    if standing is not None and not standing.is_ended:
        told = standing.registration
        said.append("Commissioned" if told.is_commissioned else "Not commissioned")
        word = "was to be confirmed by" if not standing.holds(now) else "to be confirmed by"
        said.append(f"{word} {uk_day_in_words(standing.lapses_at)}")
        if not standing.holds(now):
            said.append("no family is offered it; requests that are open go on")
    if standing is not None and not standing.is_ended and found.mail_came_back:
        said.append("ring them: mail to one of its people came back")
    if found.waiting:
        said.append("waits for somebody to confirm")
    return tuple(said)


def _waiting(one: RegistrationWaiting, code: str) -> WaitingRegistrationWords:
    return WaitingRegistrationWords(
        f"{PARTNERS}/{code}/waiting/{one.order}",
        f"Asked for by {one.asked_by}. It can be confirmed until {uk_day_in_words(one.lapses_at)}.",
        tuple(_rows(one.registration)),
        one.may_confirm,
    )


def _rows(told: PartnerRegistration) -> Iterable[tuple[str, str]]:
    for number, one in enumerate(told.people, start=1):
        yield f"Person {number}", f"{one.email.value}; codes go to {one.second.value}"
    yield "Leads on safeguarding", told.safeguarding_lead
    yield "Insured until", date_in_words(told.insured_until)
    arrangement = "Yes: it may be under the duty to share" if told.is_commissioned else "No"
    yield "Works under an arrangement", arrangement


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
