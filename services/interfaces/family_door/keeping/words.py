"""The words of how somebody is reached, and of their copies."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.interfaces.family_door.keeping.services import CopiesPage, ReachPage
from services.interfaces.family_door.languages.speaking import Phrase, PhraseList
from services.interfaces.family_door.words import called
from services.people.family_access.keeping.copies import CopyStanding, CopyTold
from services.people.family_access.keeping.reach import ReachWay, SafeTime
from services.people.presence.contacts import ContactKind
from services.portal.words.dates import moment_in_words, uk_day_in_words

_CALLED = {
    ContactKind.MOBILE: "A text to the number ending {shown}",
    ContactKind.LANDLINE: "The home phone ending {shown}",
    ContactKind.EMAIL: "An email to the address that starts with {shown}",
}
_STANDS = {
    CopyStanding.WAITING: "You asked on {day}. We are making it. It can take one month.",
    CopyStanding.READY: "It is ready. You can take it here until {day}.",
    CopyStanding.OVER: "Its time is over. You can ask for a new one.",
}


@dataclass(frozen=True, slots=True)
class WayLine:
    """One way to reach somebody."""

    key: str
    words: str
    takes_messages: bool
    is_unsafe: bool
    signs_in: bool


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One copy."""

    id: str
    about: str
    words: str
    is_ready: bool


@dataclass(frozen=True, slots=True)
class CopyOf:
    """Somebody of whom a copy can be asked for."""

    person: str
    name: str


def way_lines(ways: Sequence[ReachWay]) -> Sequence[WayLine]:
    """Write each; of a contact there is only what it ends or begins with."""
    return [
        WayLine(
            one.key,
            Phrase(_CALLED[one.kind], shown=one.shown),
            one.takes_messages and not one.is_unsafe,
            one.is_unsafe,
            one.signs_in,
        )
        for one in ways
    ]


def messages_line(page: ReachPage) -> str:
    """Where messages go now."""
    chosen = page.chosen
    ways = {one.key: one for one in way_lines(page.ways)}
    way = None if chosen is None or chosen.contact is None else ways.get(chosen.contact.hex())
    if chosen is None or way is None or not way.takes_messages:
        return Phrase("We send you nothing.")
    times = PhraseList([Phrase(one.label) for one in SafeTime if one.value in chosen.times])
    return Phrase("{way}. When: {times}.", way=way.words, times=times)


def signed_in_lines(page: ReachPage) -> Sequence[str]:
    """When they signed in, the last first."""
    return [moment_in_words(one) for one in page.signed_in]


def copy_lines(page: CopiesPage) -> Sequence[CopyLine]:
    """How each stands."""
    names = {one.person: called(one, n - 1) for n, one in enumerate(page.people)}
    return [
        CopyLine(
            told.copy.id,
            names.get(told.copy.about, ""),
            _stands(told),
            told.standing is CopyStanding.READY,
        )
        for told in page.copies
    ]


def copy_of(page: CopiesPage) -> Sequence[CopyOf]:
    """Of whom they may ask for one."""
    return [CopyOf(one.person, called(one, n - 1)) for n, one in enumerate(page.people)]


def _stands(told: CopyTold) -> str:
    match told.standing:
        case CopyStanding.WAITING:
            day = uk_day_in_words(told.copy.asked_at)
        case CopyStanding.READY if told.copy.until is not None:
            day = uk_day_in_words(told.copy.until)
        case _:
            return Phrase(_STANDS[CopyStanding.OVER])
    return Phrase(_STANDS[told.standing], day=day)


def keeping_words() -> Sequence[str]:
    """What these pages say besides their templates, for translators' lists."""
    said = ("We send you nothing.", "{way}. When: {times}.", PICK_ONE, PICK_TIME, WRONG)
    return (*_CALLED.values(), *_STANDS.values(), *(one.label for one in SafeTime), *said)


PICK_ONE = "Pick one."
PICK_TIME = "Pick when it is safe."
WRONG = "That did not work. Look at the 6 numbers."
