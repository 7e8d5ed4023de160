"""Uses of somebody's name in words: when, by which partner, what for, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.vocabulary import Purpose
from services.people.staffing.names_used import NameUse, UseKind
from services.portal.frame.addresses import USES_OF_MY_NAME
from services.portal.words.dates import moment_in_words


@dataclass(frozen=True, slots=True, repr=False)
class UseLine:
    """One use; `disown` is where they say that it was not them, None once they have."""

    when: str
    partner: str
    purpose: str
    what: str
    outcome: str
    disown: str | None


def use_lines(uses: Iterable[NameUse]) -> tuple[UseLine, ...]:
    """Write the uses in the order given."""
    return tuple(_line(use) for use in uses)


def _line(use: NameUse) -> UseLine:
    return UseLine(
        when=moment_in_words(use.at),
        partner=use.partner,
        purpose=_purpose(use.purpose),
        what=use.kind.label,
        outcome=_outcome(use),
        disown=f"{USES_OF_MY_NAME}/{use.id}/not-me" if use.disowned_at is None else None,
    )


def _outcome(use: NameUse) -> str:
    if use.kind is UseKind.QUESTION:
        return f"{_count(use.asked, 'question')} in an hour"
    if not use.shown and not use.refused:
        return "Nothing was asked for"
    shown, refused = _families(use.shown), _families(use.refused)
    told = [f"{shown} seen"] if use.shown else []
    return "; ".join([*told, f"{refused} refused"] if use.refused else told)


def _families(number: int) -> str:
    return "1 family" if number == 1 else f"{number} families"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _purpose(code: str) -> str:
    return Purpose(code).label if code in set(Purpose) else code
