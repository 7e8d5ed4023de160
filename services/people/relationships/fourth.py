"""A fourth emergency in a day of which nobody has looked at the others: beside a colleague.

What is asked for waits for somebody else, of any agency, who signed in just now as themselves; it
opens when they stand for it, and they are its warrant. They see who asks and why, never about whom:
whether it opened anything is told to the asker alone, on "My families".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS
from services.people.governance.orders import (
    NotTheirs,
    Order,
    OrderStatus,
    answer_of_kind,
    ask,
)
from services.people.practitioners.people import (
    SignedInPractitioner,
    is_another_human,
    is_fresh,
)
from services.people.practitioners.postgres_limits import limit_reached
from services.people.relationships.emergency import (
    Emergencies,
    EmergencyRefusal,
    OpenEmergency,
    hidden,
    open_announced,
    open_emergency,
    refuse,
)
from services.people.relationships.model import (
    EmergencyReason,
    HeldRelationship,
    Warrant,
    WarrantKind,
    WhyNotAsked,
)

KIND = "emergency"
WAITS = timedelta(minutes=30)
"""How long a colleague may stand for it."""
ASKED_AN_HOUR = 6
ANSWERS_AN_HOUR = 10
_ASKED, _ANSWERED = "emergency-colleague-asked", "emergency-colleague"


class WhyNotStoodFor(StrEnum):
    """Why somebody is not the colleague: for the ledger alone, they are told one thing."""

    NOT_FRESH = "sign-in-is-not-fresh"
    NOT_ANOTHER = "is-not-another-human"
    ROLE = "role-opens-no-records"


@dataclass(frozen=True, slots=True)
class ColleagueAsked:
    """What waits for a colleague. `reference` is what the two say to each other to mean it."""

    id: str

    @property
    def reference(self) -> str:
        """Six characters."""
        return self.id.replace("-", "")[-6:].upper()


@dataclass(frozen=True, slots=True)
class ColleagueWanted:
    """The same as a colleague finds it: who asks, why, since when; never about whom."""

    asked: ColleagueAsked
    asker: SignedInPractitioner
    reason: EmergencyReason
    since: datetime


def open_or_ask(
    command: OpenEmergency, who: SignedInPractitioner, *, ports: Emergencies
) -> HeldRelationship | ColleagueAsked | EmergencyRefusal:
    """Open it; a fourth that nobody has looked at waits for a colleague, whoever it is about."""
    answer = open_emergency(command, who, ports=ports)
    if answer is not EmergencyRefusal.TOO_MANY:
        return answer
    if not ports.limits.take(_ASKED, [who.id], ASKED_AN_HOUR):
        ports.ledger.append([limit_reached(_ASKED, ASKED_AN_HOUR, actor=who.actor, at=ports.at)])
        return answer
    document = {
        "person": command.person or "",
        "practitioner": who.id,
        "reason": command.reason.value,
        "why_not_asked": command.why_not_asked.value,
    }
    made = ask(
        KIND,
        document,
        by=who.actor,
        orders=ports.orders,
        ledger=ports.ledger,
        at=ports.at,
        lapses_after=WAITS,
    )
    person = command.person
    sealed = b"" if person is None else ports.seal(person, command.words.encode())
    ports.relationships.keep_words(made.id, person, sealed)
    return ColleagueAsked(made.id)


def wanted_of(who: SignedInPractitioner, *, ports: Emergencies) -> Sequence[ColleagueWanted]:
    """What this practitioner could stand for, the longest waiting first."""
    waiting = [one for one in ports.orders.of_kinds(KIND) if _is_waiting(one, ports.at)]
    found = [(one, _asker(one, ports)) for one in sorted(waiting, key=lambda one: one.lapses_at)]
    return [
        ColleagueWanted(
            ColleagueAsked(order.id),
            asker,
            EmergencyReason(order.document["reason"]),
            order.lapses_at - WAITS,
        )
        for order, asker in found
        if asker is not None and _why_not(asker, who) is None
    ]


def stand_for(
    order_id: str, who: SignedInPractitioner, *, signed_in_at: datetime, ports: Emergencies
) -> bool:
    """Be the colleague of a fourth, which opens. False, and entered, where that is not theirs.

    True tells nothing of whom it is about: there may be nobody, or somebody protected.
    """
    if not ports.limits.take(_ANSWERED, [who.id], ANSWERS_AN_HOUR):
        reached = limit_reached(_ANSWERED, ANSWERS_AN_HOUR, actor=who.actor, at=ports.at)
        ports.ledger.append([reached])
        return False
    order = ports.orders.find(order_id)
    if order is None or order.kind != KIND or ports.at < order.lapses_at - WAITS:
        # A clock that was set back lengthens nothing.
        return _refused(None, NotTheirs.NOT_THERE, who, ports)
    asker = _asker(order, ports)
    why_not = WhyNotStoodFor.ROLE if asker is None else _why_not(asker, who)
    if why_not is None and not is_fresh(signed_in_at, ports.at):
        why_not = WhyNotStoodFor.NOT_FRESH
    if asker is None or why_not is not None:
        return _refused(order, why_not or NotTheirs.NOT_THERE, who, ports)
    stood_for = answer_of_kind(
        KIND,
        order_id,
        by=who.actor,
        confirms=True,
        orders=ports.orders,
        ledger=ports.ledger,
        at=ports.at,
    )
    if isinstance(stood_for, NotTheirs):
        return False
    _open(stood_for, asker, who, ports)
    return True


def _open(
    order: Order, asker: SignedInPractitioner, colleague: SignedInPractitioner, ports: Emergencies
) -> None:
    """Open it from now on for who asked, unless there is nobody or they are protected."""
    document = order.document
    command = OpenEmergency(
        PersonId(document["person"]) if document["person"] else None,
        EmergencyReason(document["reason"]),
        WhyNotAsked(document["why_not_asked"]),
        words="",  # are kept, sealed, since it was asked
        signed_in_at=ports.at,
    )
    refusal = hidden(command, asker, ports)
    if refusal is not None or command.person is None:
        because = refusal or EmergencyRefusal.NOBODY
        refuse(command, because, by=colleague, ports=ports)
        return
    warrant = Warrant(WarrantKind.COLLEAGUE, colleague.id)
    open_announced(order.id, command.person, command, asker, warrant, ports=ports)


def _is_waiting(order: Order, at: datetime) -> bool:
    return order.status is OrderStatus.ASKED and order.lapses_at - WAITS <= at < order.lapses_at


def _asker(order: Order, ports: Emergencies) -> SignedInPractitioner | None:
    return ports.directory.practitioner(PractitionerId(order.document["practitioner"]))


def _why_not(asker: SignedInPractitioner, who: SignedInPractitioner) -> WhyNotStoodFor | None:
    if not OPENS_FAMILY_RECORDS.issuperset({asker.role, who.role}):
        return WhyNotStoodFor.ROLE
    return None if is_another_human(asker, who) else WhyNotStoodFor.NOT_ANOTHER


def _refused(
    order: Order | None,
    because: WhyNotStoodFor | NotTheirs,
    who: SignedInPractitioner,
    ports: Emergencies,
) -> bool:
    fields: dict[str, FieldValue] = {
        "order": [] if order is None else [order.id],
        "because": because,
    }
    event = LedgerEvent.ORDER_ANSWER_REFUSED
    ports.ledger.append([ledger_entry(event, fields, at=ports.at, actor=who.actor)])
    return False
