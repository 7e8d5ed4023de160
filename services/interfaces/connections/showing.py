"""What a partner may see of a connection: exactly what was agreed, asked of `decide` each time.

(1) There is one, it is that partner's, and it is with them; else it never was.
(2) What it rests on is in force, and `decide` permits the contact of everybody whom it is about,
    to this service, now. That the family lets everybody know it somewhere else is not enough.
(3) Of the rest is shown what `decide` permits; an entry of the story only as long as it stands.
(4) The look is in the ledger before anything is given back.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from consent import AccessRequest, Decision, Practitioner
from consent.deciding.decide import Answers
from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.published import NOT_KEPT, KeptTo
from schemas.vocabulary import Category, Label, Purpose, Role, Source
from services.interfaces.connections.connecting import (
    Connecting,
    is_in_force,
    of_connection,
    refuse,
)
from services.interfaces.connections.days.times import STAYS_READABLE
from services.interfaces.connections.life import HELPING
from services.interfaces.connections.model import (
    NotChanged,
    RequestAsAgreed,
    ServiceConnection,
    StoryTold,
    WhatIsTold,
)

PARTNER_KIND: Final = "community"
"""The kind of agency for which the data-sharing agreement lets partners of the directory receive.

It is no agency of ours: what `decide` permits it is what names its service.
"""
WRITTEN_HERE: Final = Source.FAMILY_HUB
"""Whose record it is: it is written on our own pages, as the family's story is."""
_NO_LABELS: Final[frozenset[Label]] = frozenset()
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def request_as_agreed(
    connection_id: str, partner: str, *, actor: str, connecting: Connecting
) -> RequestAsAgreed | None:
    """What this partner may see of it now; None, always the same, where that is nothing.

    `partner` is the code of who asks, as whoever let them in knows it, and `actor` as what the
    ledger names them. The look is entered, and so is a refusal.
    """
    connection = connecting.rows.find(connection_id)
    seen = None if connection is None else _seen(connection, partner, connecting)
    if connection is None or seen is None:
        refuse(connection, "show", NotChanged.NOT_THERE, actor=actor, connecting=connecting)
        return None
    shown, answers = seen
    fields = of_connection(connection) | {
        "categories": sorted(category.value for category in shown.told.categories),
        "policy_version": answers[0].policy_version,
        "decided_from": sorted(shown.decided_from),
    }
    event = LedgerEvent.CONNECTION_SHOWN
    connecting.ledger.append([ledger_entry(event, fields, at=connecting.at, actor=actor)])
    connecting.rows.looked(connection.id, connecting.at)
    return shown


def may_act(connection: ServiceConnection | None, partner: str, connecting: Connecting) -> bool:
    """Whether this partner may see it now, which is whether it may answer; enters nothing."""
    return connection is not None and _seen(connection, partner, connecting) is not None


def _seen(
    connection: ServiceConnection, partner: str, connecting: Connecting
) -> tuple[RequestAsAgreed, list[Decision]] | None:
    if connection.partner != partner or not connection.status.is_with_partner:  # (1)
        return None
    if not is_in_force(connection, connecting):  # (2)
        return None
    asking = PartnerAsking.of(connection, connecting)
    contact = asking.may_see(Category.IDENTITY_AND_CONTACT)
    if not contact.is_permitted:
        return None
    told = connecting.rows.told(connection)
    if told is None:
        return None
    shown, answers = _permitted(told, connection, asking, connecting)  # (3)
    decided_from = {one for answer in (contact, *answers) for one in answer.decided_from}
    seen = RequestAsAgreed(connection, shown, connection.asked_by, tuple(sorted(decided_from)))
    return seen, [contact, *answers]


def _permitted(
    told: WhatIsTold, connection: ServiceConnection, asking: "PartnerAsking", connecting: Connecting
) -> tuple[WhatIsTold, list[Decision]]:
    language = asking.may_see(Category.COMMUNICATION_NEEDS)
    words = asking.may_see(Category.STORY)
    story = [
        (one, answer)
        for one in told.story
        if (answer := _of_story(one, connection, asking, connecting)) is not None
    ]
    shown = replace(
        told,
        language=told.language if language.is_permitted else "",
        why=told.why if words.is_permitted else "",
        story=tuple(one for one, answer in story if answer.is_permitted),
    )
    asked = {
        Category.COMMUNICATION_NEEDS: (bool(shown.language), [language]),
        Category.STORY: (bool(shown.why), [words]),
    }
    answers = [one for is_shown, found in asked.values() if is_shown for one in found]
    return shown, [*answers, *(answer for _, answer in story if answer.is_permitted)]


def _of_story(
    one: StoryTold, connection: ServiceConnection, asking: "PartnerAsking", connecting: Connecting
) -> Decision | None:
    """What is decided of an entry as it stands now; None where it was taken back."""
    for record in connecting.desk.opening.records.about(list(connection.permits)):
        if record.key == one.key and record.category is Category.STORY:
            return asking.may_see(
                Category.STORY,
                about=record.persons,
                kept_to=record.kept_to,
                labels=record.labels,
            )
    return None


class PartnerAsking:
    """The questions that are asked of `decide` for one service, at one moment."""

    def __init__(
        self,
        answers: Answers,
        practitioner: Practitioner,
        persons: Collection[PersonId],
        at: datetime,
    ) -> None:
        self._answers = answers
        self._practitioner = practitioner
        self._persons = tuple(sorted(persons))
        self._at = at

    @classmethod
    def of(cls, connection: ServiceConnection, connecting: Connecting) -> "PartnerAsking":
        """Those about a connection: with the relationship that it makes, as long as it does."""
        who = partner_for(connection.service, connection.permits, until=offered_until(connection))
        found = connecting.desk.decisions.on_record(connection.permits)
        return cls(Answers(found), who, connection.permits, connecting.at)

    def may_see(
        self,
        category: Category,
        *,
        about: Collection[PersonId] | None = None,
        kept_to: frozenset[KeptTo] = NOT_KEPT,
        labels: frozenset[Label] = _NO_LABELS,
    ) -> Decision:
        """Whether this may be shown of everybody whom it is about; without more, of all."""
        request = AccessRequest(
            tuple(self._persons if about is None else about),
            category,
            WRITTEN_HERE,
            self._practitioner,
            self._at,
            Purpose.EARLY_HELP,
            labels,
            kept_to=kept_to,
        )
        return self._answers.to(request)


def partner_for(
    service: str, persons: Collection[PersonId], *, until: datetime | None
) -> Practitioner:
    """A service as `decide` knows it: a referral was made to it, which nobody else has."""
    own = PractitionerId(service.replace("-", ""))
    made = tuple(
        LegitimateRelationship(own, person, RelationshipGround.REFERRAL, _NEVER, until)
        for person in persons
    )
    return Practitioner(own, Role.PRACTITIONER, PARTNER_KIND, made, service)


def offered_until(connection: ServiceConnection) -> datetime | None:
    """Until when the referral holds: a service that says yes has what was agreed, another less."""
    if connection.status in HELPING:
        return connection.agreed_until
    if connection.respond_by is None:
        return None
    return min(connection.agreed_until, connection.respond_by + STAYS_READABLE)
