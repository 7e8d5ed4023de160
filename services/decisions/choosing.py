"""Who decided, where the recorder works with everybody concerned: chosen from who is named.

Everybody else types a name. Names are opened for the form alone; what comes back is a reference,
which is looked for on the same list again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consent.decisions.objecting import ObjectTo
from consent.errors import DecisionInvalidError
from consent.model import Decider, DeciderKind, RecordDecision
from consent.ports import Ledger
from schemas.identifiers import PersonId
from services.decisions.askers import Askers
from services.people.deciders.naming import NamedChoice
from services.people.deciders.postgres import HiddenAmong, PostgresDeciderFacts, list_choices
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.postgres import PostgresRelationships

UNNAMED = Decider(DeciderKind.PARENT, "parent")
"""Whom a reference means that comes from who was shown no list: their no stands all the same."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """What deciders are chosen with; every port joins one transaction, at one moment."""

    askers: Askers
    facts: PostgresDeciderFacts
    relationships: PostgresRelationships
    ledger: Ledger
    at: datetime


def deciders_to_choose(
    persons: Collection[PersonId], who: SignedInPractitioner, *, choosing: Choosing
) -> Sequence[NamedChoice] | None:
    """Whom the practitioner may choose from, which is entered; None for whoever types a name.

    To choose takes a case-load with each of the persons.
    """
    asker = choosing.askers.asker(who, persons)
    if asker.case_load_since is None:
        return None
    return list_choices(
        persons,
        recorder_agency=asker.named_agency,
        hidden=_hidden_from(who, choosing.relationships),
        actor=who.actor,
        facts=choosing.facts,
        ledger=choosing.ledger,
        at=choosing.at,
    )


def with_decider_chosen(
    order: RecordDecision,
    persons: Collection[PersonId],
    who: SignedInPractitioner,
    *,
    choosing: Choosing,
) -> RecordDecision:
    """The order, its decider's name with it. Raises DecisionInvalidError where it is not theirs."""
    name = name_chosen("decided-by", order.decided_by, persons, who, choosing)
    return replace(order, decider_name=name)


def with_objector_chosen(
    command: ObjectTo,
    persons: Collection[PersonId],
    who: SignedInPractitioner,
    *,
    choosing: Choosing,
) -> ObjectTo:
    """The objection likewise."""
    name = name_chosen("objector", command.objector, persons, who, choosing)
    return replace(command, objector_name=name)


def name_chosen(
    field: str,
    chosen: Decider,
    persons: Collection[PersonId],
    who: SignedInPractitioner,
    choosing: Choosing,
) -> str | None:
    """What a parent on the list is called, to be kept for who has to ask them again.

    None for a manager, who is in the directory. Raises DecisionInvalidError for a reference that
    is on no list of theirs, whoever it means and whoever they are.
    """
    asker = choosing.askers.asker(who, persons)
    if asker.case_load_since is not None and chosen.kind is DeciderKind.PARENT:
        hidden = _hidden_from(who, choosing.relationships)
        for one in choosing.facts.choices(persons, asker.named_agency, hidden):
            if one.reference == chosen.reference:
                return None if one.is_manager else one.name
    raise DecisionInvalidError(field, "is-not-on-the-list")


def _hidden_from(who: SignedInPractitioner, relationships: PostgresRelationships) -> HiddenAmong:
    """Those of some persons whom a restriction hides from the practitioner."""

    def hidden(persons: Collection[PersonId]) -> Collection[PersonId]:
        found = relationships.may_open(who.id, persons)
        return [person for person, one in found.items() if one.is_restricted]

    return hidden
