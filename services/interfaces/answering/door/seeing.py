"""What somebody who came in sees of a request, and how what they answer is written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.interfaces.answering.links.model import AnsweringSession
from services.interfaces.connections.changing import (
    PartnerAnswer,
    PartnerReport,
    answer,
    open_request,
    report,
)
from services.interfaces.connections.connecting import Connecting
from services.interfaces.connections.life import ConnectionChange, DeclineReason, EndReason
from services.interfaces.connections.model import NotChanged, RequestAsAgreed
from services.interfaces.connections.reference import spelled
from services.interfaces.connections.showing import may_act, request_as_agreed
from services.interfaces.connections.telling.said import SaidBeside
from services.interfaces.directory.entries.postgres_own import own_entries
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.work import UnitOfWork

_ANSWERS = frozenset({ConnectionChange.ACCEPT, ConnectionChange.DECLINE, ConnectionChange.RING})


@dataclass(frozen=True, slots=True, repr=False)
class SeenRequest:
    """A request as it was agreed, and who asked: by name and number, as they work there."""

    request: RequestAsAgreed
    asked_by: str
    asked_number: str


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """What somebody says for their partner; `other_service` is an entry that may help.

    `beside` is what goes with it: on which day, what comes next, words of theirs.
    """

    change: ConnectionChange
    decline: DeclineReason | None = None
    end: EndReason | None = None
    other_service: str | None = None
    beside: SaidBeside = field(default_factory=SaidBeside)


@dataclass(frozen=True, slots=True)
class OtherService:
    """An entry of the directory, of another partner."""

    id: str
    name: str


def open_for(session: AnsweringSession, connecting: Connecting) -> bool:
    """Say that somebody opened it: once, by the code that they typed, never by a page fetched."""
    actor = session.actor
    done = open_request(session.connection, session.partner, actor=actor, connecting=connecting)
    return not isinstance(done, NotChanged)


def seen_by(
    session: AnsweringSession, *, directory: PostgresDirectory, connecting: Connecting
) -> SeenRequest | None:
    """The request as this partner may see it now; that it was looked at is entered."""
    found = request_as_agreed(
        session.connection, session.partner, actor=session.actor, connecting=connecting
    )
    if found is None:
        return None
    asker = directory.person(found.asked_by)
    name, number = ("", None) if asker is None else (f"{asker[0]}, {asker[1]}", asker[2])
    return SeenRequest(found, name, number or "")


def reference_for(session: AnsweringSession, connecting: Connecting) -> str | None:
    """The number of the request, while the partner may see it; shows nothing of it."""
    found = connecting.rows.find(session.connection)
    if found is None or not may_act(found, session.partner, connecting):
        return None
    return spelled(found.reference)


def say(session: AnsweringSession, given: AnswerGiven, connecting: Connecting) -> NotChanged | None:
    """Write down what somebody says; why it could not be said, if it could not."""
    of, actor = (session.connection, session.partner), session.actor
    if given.change in _ANSWERS:
        said = PartnerAnswer(given.change, given.decline, given.other_service)
        done = answer(*of, said, actor=actor, connecting=connecting)
    else:
        told = PartnerReport(given.change, given.end, given.beside.days)
        done = report(*of, told, actor=actor, connecting=connecting)
    return done if isinstance(done, NotChanged) else None


def others_in(work: UnitOfWork, partner: str) -> Sequence[OtherService]:
    """What of other partners is listed here, by name."""
    return [
        OtherService(one.id, one.name)
        for one in own_entries(work.connection, None)
        if one.partner != partner and one.document.get("status") == "active"
    ]
