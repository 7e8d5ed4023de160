"""Who writes down, corrects, confirms and keeps what of a family's story.

Writing asks for a relationship with the family; correcting, confirming and keeping ask that the
practitioner may read the entry for this purpose now. Whether it may be published is asked of
`decide`, as for every other source.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from connectors.family_hub import story as hub
from connectors.publishing.ports import Publishing
from consent import Reason
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import StoryEntry
from schemas.records.published import NOT_KEPT, KeptTo, PublishedRecord, is_within
from schemas.vocabulary import Purpose
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused
from services.profile.story.reading import StoryVisit
from services.profile.viewing import Opening


@dataclass(frozen=True, slots=True, repr=False)
class ToldStory:
    """What is written down with a family. `about` are others whom it is about beside the child."""

    text: str
    told_by: str
    with_whom: str | None = None
    about: tuple[PersonId, ...] = ()
    kept_to: frozenset[KeptTo] = NOT_KEPT


class StoryOutcome(Enum):
    """What became of an order about entries that are there already."""

    WRITTEN = auto()
    NOT_SHOWN = auto()
    """There is no such entry that this practitioner may read."""
    CORRECTED_BEFORE = auto()
    """Somebody has corrected it meanwhile: what they wrote has to be read first."""
    WIDER_THAN_BEFORE = auto()
    """An entry can be kept to fewer people than before, never to more."""


KeepToFewer = Callable[[Sequence[PublishedRecord], Collection[KeptTo]], None]
"""Keeps these records, as they are stored, to so few from the next read on."""


@dataclass(frozen=True, slots=True)
class StoryWriting:
    """What the story is written with; every port joins one transaction."""

    opening: Opening
    publishing: Publishing
    keep_to_fewer: KeepToFewer


def add_story(
    who: SignedInPractitioner,
    person: PersonId,
    told: ToldStory,
    *,
    writing: StoryWriting,
) -> ProfileRefused | None:
    """Write down what the family said; shared as its decisions about its story say.

    Refused where that is with nobody, or it is about somebody whom `who` may not know of.
    """
    visit = StoryVisit.of(who, person, who.purpose, writing.opening)
    if visit.refused is not None:
        return visit.refused
    if told.about and not visit.knows_of(told.about):
        return _refused((Reason.NO_RELATIONSHIP,), visit)
    persons = tuple(dict.fromkeys((visit.child, *told.about)))
    order = hub.AddStory(persons, _entry(told, who, writing.opening.at), who.actor, told.kept_to)
    return _refused(hub.add_story(order, publishing=writing.publishing), visit)


def correct_story(
    who: SignedInPractitioner,
    person: PersonId,
    purpose: Purpose,
    entry: str,
    told: ToldStory,
    *,
    writing: StoryWriting,
) -> ProfileRefused | StoryOutcome:
    """Put other words in an entry's place; whom it is about and kept to stays as it was."""
    visit = StoryVisit.of(who, person, purpose, writing.opening)
    why_not = _why_not(visit, [entry])
    if why_not is not None:
        return why_not
    order = hub.CorrectStory(visit.records[entry], _entry(told, who, writing.opening.at), who.actor)
    return _done(hub.correct_story(order, publishing=writing.publishing), visit)


def confirm_story(
    who: SignedInPractitioner,
    person: PersonId,
    purpose: Purpose,
    entries: Collection[str],
    *,
    told_by: str,
    writing: StoryWriting,
) -> ProfileRefused | StoryOutcome:
    """Write down that nothing has changed in these entries: all of them, or none."""
    visit = StoryVisit.of(who, person, purpose, writing.opening)
    why_not = _why_not(visit, entries)
    if why_not is not None:
        return why_not
    confirmed = [visit.records[key] for key in sorted(set(entries))]
    told = hub.Told(told_by, _writer(who), _text_of(writing.opening.at))
    order = hub.ConfirmStory(confirmed, told, who.actor)
    return _done(hub.confirm_story(order, publishing=writing.publishing), visit)


def keep_story(
    who: SignedInPractitioner,
    person: PersonId,
    purpose: Purpose,
    entry: str,
    kept_to: frozenset[KeptTo],
    *,
    writing: StoryWriting,
) -> ProfileRefused | StoryOutcome:
    """Keep an entry, and all that corrects or is corrected by it, to fewer people."""
    visit = StoryVisit.of(who, person, purpose, writing.opening)
    if visit.refused is not None:
        return visit.refused
    if entry not in visit.entries:
        return StoryOutcome.NOT_SHOWN
    chain = visit.chain_of(entry)
    if not all(is_within(kept_to, record.kept_to) for record in chain):
        return StoryOutcome.WIDER_THAN_BEFORE
    order = hub.KeepStory(chain, kept_to, who.actor)
    reasons = hub.keep_story(order, publishing=writing.publishing)
    if not reasons:
        writing.keep_to_fewer(chain, kept_to)
    return _done(reasons, visit)


def _why_not(visit: StoryVisit, entries: Collection[str]) -> ProfileRefused | StoryOutcome | None:
    """Why these entries cannot be corrected or confirmed by whoever visits, if so."""
    if visit.refused is not None:
        return visit.refused
    if not entries or not visit.entries.keys() >= set(entries):
        return StoryOutcome.NOT_SHOWN
    if any(visit.entries[key].corrections for key in entries):
        return StoryOutcome.CORRECTED_BEFORE
    return None


def _entry(told: ToldStory, who: SignedInPractitioner, at: datetime) -> StoryEntry:
    return StoryEntry(
        told.text, told.told_by, _writer(who), _text_of(at), with_whom=told.with_whom or None
    )


def _text_of(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _writer(who: SignedInPractitioner) -> str:
    return f"{who.name}, {who.job_title}"


def _refused(reasons: tuple[Reason, ...], visit: StoryVisit) -> ProfileRefused | None:
    """Say why nothing was written, if nothing was; that it was refused is entered."""
    if not reasons:
        return None
    viewing, opening = visit.viewing, visit.opening
    fields: dict[str, FieldValue] = {
        "subjects": [visit.child],
        "reasons": reasons,
        "policy_version": viewing.policy_version,
    }
    actor = f"practitioner:{viewing.practitioner.id}"
    entry = ledger_entry(LedgerEvent.STORY_REFUSED, fields, at=opening.at, actor=actor)
    opening.ledger.append([entry])
    return ProfileRefused(reasons, viewing.policy_version)


def _done(reasons: tuple[Reason, ...], visit: StoryVisit) -> ProfileRefused | StoryOutcome:
    return _refused(reasons, visit) or StoryOutcome.WRITTEN
