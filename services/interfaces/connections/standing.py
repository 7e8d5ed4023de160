"""What stands against asking a service, before anybody has agreed to anything."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from consent.circumstances import is_confirmable
from consent.deciding.decide import Answers
from consent.lawfulness import Basis
from consent.ledger import entry_id_for
from consent.model import Decider, DeciderKind, Response, SharingDecision
from consent.question import OnRecord, Reason
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose
from services.interfaces.connections.connecting import Connecting
from services.interfaces.connections.days.times import LONGEST
from services.interfaces.connections.model import Ask, AskedService, NotAsked, WhatIsTold
from services.interfaces.connections.showing import PartnerAsking, partner_for
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import StoryView
from services.profile.story.reading import StoryVisit

_SAID_NO = frozenset(
    {Reason.REFUSED, Reason.OBJECTED, Reason.DETRIMENTAL, Reason.RESTRICTED, Reason.EXCLUDED}
)
_ANYBODY = Decider(DeciderKind.PARENT, "as-agreed")


def why_not_told(command: Ask) -> NotAsked | None:
    """What the order itself lacks, if anything."""
    told = command.told
    if not told.name or not (told.number or told.email):
        return NotAsked.NOTHING_TOLD
    if not all(is_confirmable(one.circumstances) for one in command.agreed):
        return NotAsked.NOT_FREE
    return None


def why_not_asked(
    service: AskedService,
    persons: Sequence[PersonId],
    categories: frozenset[Category],
    connecting: Connecting,
) -> NotAsked | None:
    """What stands against it beside that nobody has agreed yet, if anything does."""
    found = connecting.desk.decisions.on_record(persons)
    at = connecting.at
    who = partner_for(service.id, persons, until=at + LONGEST)
    as_it_stands = PartnerAsking(Answers(found), who, persons, at)
    as_agreed = PartnerAsking(
        Answers(_as_agreed(found, service, categories, connecting)), who, persons, at
    )
    for category in sorted(categories):
        said = frozenset(as_it_stands.may_see(category).reasons)
        if not said.isdisjoint(_SAID_NO):
            return NotAsked.REFUSED
        if not as_agreed.may_see(category).is_permitted:
            return NotAsked.NOT_PERMITTED
    return None


def _as_agreed(
    found: Mapping[PersonId, OnRecord],
    service: AskedService,
    categories: frozenset[Category],
    connecting: Connecting,
) -> Mapping[PersonId, OnRecord]:
    """The same as if each of them had said yes just now, whoever says it."""
    at = connecting.at
    yes: dict[PersonId, OnRecord] = {}
    for person, known in found.items():
        said = [d.decided_by for d in known.decisions if d.response is Response.GIVEN]
        agreed = [
            SharingDecision(
                id=DecisionId(str(entry_id_for("as-agreed", person, by.kind, by.reference))),
                subjects=frozenset({person}),
                response=Response.GIVEN,
                categories=categories,
                purposes=frozenset({Purpose.EARLY_HELP}),
                basis=Basis.CONSENT,
                decided_by=by,
                decided_at=at,
                recipients=frozenset({recipient_of(service)}),
            )
            for by in {*said, _ANYBODY}
        ]
        yes[person] = replace(known, decisions=(*known.decisions, *agreed))
    return yes


def story_chosen(
    command: Ask, who: SignedInPractitioner, connecting: Connecting
) -> WhatIsTold | None:
    """What is told, with the words of the entries as they stand; None where one is not to be."""
    told = command.told
    if not told.story:
        return told
    agreed = {one.person for one in command.agreed}
    shown: dict[str, StoryView] = {}
    for person in agreed:
        visit = StoryVisit.of(who, person, who.purpose, connecting.desk.opening)
        shown |= {} if visit.refused is not None else visit.entries
    words = []
    for one in told.story:
        view = shown.get(one.key)
        if view is None or view.kept_to or view.corrected_by or not agreed.issuperset(view.about):
            return None
        words.append(replace(one, text=view.entry.text))
    return replace(told, story=tuple(words))


def recipient_of(service: AskedService) -> str:
    """As what a decision names a service."""
    return f"service:{service.id}"
