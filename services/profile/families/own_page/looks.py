"""Which looks somebody of a family is told: by service and role, never by name. Pure.

A look for safeguarding, or that no decision let through, is held back until an auditor's review of
it is closed (`KeptLook.is_reviewed`). The same sentence stands on every family's page, so that its
being there tells nothing; and everything is counted after what is held back was left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consent.model import SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.people.family_access.acting import ChildReach
from services.people.family_access.reaching import Reached
from services.profile.families.own_page.sharing import tellable

VISIT = timedelta(minutes=30)
"""What is read within so long is one look."""
_OF_ONES_OWN = frozenset({Category.IDENTITY_AND_CONTACT})
"""What a service is shown of its own cases without any decision."""


@dataclass(frozen=True, slots=True)
class KeptLook:
    """One look as it is kept: `worker` is for a question about it, and on no page.

    `decisions` are those that let it through; None where that cannot be told. `is_reviewed` once
    every review that it is in has ended.
    """

    id: str
    at: datetime
    worker: str
    service: Source | None
    role: str | None
    purpose: str
    permitted: bool
    categories: tuple[Category, ...]
    decisions: frozenset[DecisionId] | None = None
    is_reviewed: bool = False


@dataclass(frozen=True, slots=True)
class ToldLook:
    """One visit as it is told. `because` is the reader's own decision that let it through.

    `is_held` says that it was held back until it was reviewed.
    """

    look: KeptLook
    because: SharingDecision | None
    is_by_decision: bool
    is_held: bool = False


def is_held_back(look: KeptLook) -> bool:
    """Whether a look waits to be told: it is for safeguarding, or no decision let it through."""
    is_more = not _OF_ONES_OWN.issuperset(look.categories)
    is_unaccounted = look.permitted and not look.decisions and is_more
    return look.purpose == Purpose.SAFEGUARDING or is_unaccounted


def looks_told(
    looks: Sequence[KeptLook], reached: Reached, ones: Collection[PersonId]
) -> Sequence[ToldLook]:
    """Those of these, newest first, that may be told, each visit once."""
    known = {d.id: d for d in reached.on_record.decisions}
    hidden = [d for d in known.values() if not tellable(d, reached, ones)]
    found = (_told(look, reached, ones, known, hidden) for look in looks)
    return _visits([one for one in found if one is not None])


def _told(
    look: KeptLook,
    reached: Reached,
    ones: Collection[PersonId],
    known: Mapping[DecisionId, SharingDecision],
    hidden: Sequence[SharingDecision],
) -> ToldLook | None:
    """The look as it may be told, if it may.

    (1) What is for safeguarding, or was opened by no decision (an emergency), is held back until
    it was reviewed.
    (2) What rests on a decision that is not the reader's to know of is not told, (3) nor a part
    that such a decision is about, nor a refusal for its purpose. (4) Of a child of whom the reader
    reaches their own part, only what they themselves let through.
    """
    rested_on = look.decisions or frozenset()
    is_held = is_held_back(look)
    if is_held and not look.is_reviewed:  # (1)
        return None
    if any(d.id in rested_on for d in hidden):  # (2)
        return None
    bearing = [d for d in hidden if look.purpose in d.purposes and d.known_at <= look.at]
    not_told = {Category.SAFEGUARDING, *(c for d in bearing for c in d.categories)}
    parts = tuple(c for c in look.categories if c not in not_told)  # (3)
    if (look.permitted and not parts) or (not look.permitted and bearing):
        return None
    own = [known[d] for d in sorted(rested_on) if d in known and reached.is_own(known[d], ones)]
    is_whole = reached.acting.reach is ChildReach.WHOLE
    if not is_whole and (not own or len(own) != len(rested_on)):  # (4)
        return None
    because = max(own, key=lambda d: d.decided_at, default=None)
    shown = look if parts == look.categories else replace(look, categories=parts)
    return ToldLook(shown, because, bool(rested_on), is_held)


def _visits(told: Sequence[ToldLook]) -> Sequence[ToldLook]:
    """Reading four pages of a family is one look: by its last page, with all its parts."""
    found: list[ToldLook] = []
    latest: dict[tuple[str, bool, bool], int] = {}
    for one in told:
        place = latest.get(_sort(one))
        # Newest first: who is not in the visit that was met last is in none of those before it.
        if place is None or found[place].look.at - one.look.at > VISIT:
            latest[_sort(one)] = len(found)
            found.append(one)
            continue
        last = found[place]
        parts = {*last.look.categories, *one.look.categories}
        shown = tuple(category for category in Category if category in parts)
        found[place] = replace(last, look=replace(last.look, categories=shown))
    return found


def _sort(told: ToldLook) -> tuple[str, bool, bool]:
    return told.look.worker, told.look.permitted, told.is_held
