"""What a partner's system sees of requests to its services, and how it answers them.

Everything is asked of the use cases that the pages call, with the portal's rights in the database.
What is another's, is not covered by a decision any more or never was is one and the same: nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.interfaces.connections.changing import (
    PartnerAnswer,
    PartnerReport,
    answer,
    report,
)
from services.interfaces.connections.connecting import Connecting
from services.interfaces.connections.life import ConnectionChange, DeclineReason, EndReason
from services.interfaces.connections.model import NotChanged, RequestAsAgreed, ServiceConnection
from services.interfaces.connections.showing import may_act, request_as_agreed
from services.interfaces.connections.telling.announcing import announced_with
from services.interfaces.connections.telling.said import SaidBeside
from services.interfaces.connections.working import connecting_in
from services.interfaces.partners.ports import Caller, Page
from services.interfaces.partners.push.answers.postgres import AnsweredOnce, PostgresAnsweredOnce
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work

_MOST: Final = 2000
_REPORTS: Final = frozenset(
    {ConnectionChange.CONTACT, ConnectionChange.START, ConnectionChange.FINISH}
)


@dataclass(frozen=True, slots=True, repr=False)
class SystemAnswers:
    """Order: write this down as what the service says of a request that it read as `version`.

    `once` is the partner's own mark: what comes again under it is the same answer. `asked` is all
    of what was sent, so that a mark is not used for something else.
    """

    connection: str
    version: int
    once: str
    asked: bytes
    change: ConnectionChange
    declined: DeclineReason | None = None
    ended: EndReason | None = None
    suggested: str | None = None
    beside: SaidBeside = field(default_factory=SaidBeside)


class AnswerRefused(StrEnum):
    """Why nothing was written down."""

    NOT_THERE = "is-not-there"
    NOT_NOW = "is-not-now"
    CHANGED_SINCE = "has-changed-since"
    NO_REASON = "does-not-fit-the-answer"
    NO_SUCH_DAY = "is-no-such-day"
    USED_BEFORE = "was-used-for-something-else"


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A request as lists tell it: how it stands, and nothing of whom it is about."""

    id: str
    reference: str
    service: str
    status: str
    version: int
    sent_at: datetime | None
    respond_by: datetime | None


class SystemRequests:
    """Requests as partners' systems reach them; each call is one transaction."""

    def __init__(self, portal: Outside) -> None:
        self._portal = portal
        self._hasher = KeyedHasher(portal.vault.secret(SecretName.PARTNERS))

    def page(self, caller: Caller, *, after: str | None, most: int) -> Page[ListedRequest]:
        """Those that it may answer now, in the order of their ids, and where the next page is."""
        if caller.answers_for is None:
            return Page((), None)
        with unit_of_work(self._portal) as work:
            connecting = connecting_in(work)
            found = self._open_after(after or "", caller.answers_for, connecting)
            listed: list[ListedRequest] = []
            for one in found:
                if may_act(one, caller.answers_for, connecting):
                    listed.append(_listed(one))
                if len(listed) > most:
                    return Page(listed[:most], listed[most - 1].id)
            return Page(listed, None)

    def _open_after(
        self, after: str, partner: str, connecting: Connecting
    ) -> Sequence[ServiceConnection]:
        found = connecting.rows.of_partner(partner, most=_MOST)
        with_them = [one for one in found if one.status.is_with_partner and one.id > after]
        return sorted(with_them, key=lambda one: one.id)

    def shown(self, caller: Caller, connection: str) -> RequestAsAgreed | None:
        """One, exactly as agreed; the look is entered. It is no opened request by that."""
        with unit_of_work(self._portal) as work:
            return request_as_agreed(
                connection,
                caller.answers_for or "",
                actor=f"partner:{caller.partner}",
                connecting=connecting_in(work),
            )

    def answered(self, caller: Caller, command: SystemAnswers) -> AnsweredOnce | AnswerRefused:
        """How it stands from then on; the same again for the same again.

        (1) It is locked, so that what comes twice at once comes one after the other. (2) What was
        answered under this mark is told again. (3) Who may not see it is told that it is not there,
        before (4) who read an older version. (5) The use case decides.
        """
        partner, actor = caller.answers_for or "", f"partner:{caller.partner}"
        with unit_of_work(self._portal) as work:
            connecting = connecting_in(work, announce=announced_with(command.beside))
            found = connecting.rows.find(command.connection)  # (1)
            kept = PostgresAnsweredOnce(work.connection)
            once = self._hasher.digest("answered-once", caller.partner, command.once)
            before = kept.find(caller.partner, once)  # (2)
            if before is not None:
                is_same = before.asked == command.asked
                return before if is_same else AnswerRefused.USED_BEFORE
            is_seen = found is not None and may_act(found, partner, connecting)  # (3)
            if is_seen and found is not None and found.version != command.version:  # (4)
                return AnswerRefused.CHANGED_SINCE
            became = _said(command, partner, actor, connecting)  # (5)
            if isinstance(became, NotChanged):
                return _WHY[became]
            told = AnsweredOnce(
                command.asked, became.id, became.version, became.status.value, work.now
            )
            kept.add(caller.partner, once, told)
            return told


_WHY: Final = {
    NotChanged.NOT_THERE: AnswerRefused.NOT_THERE,
    NotChanged.NOT_NOW: AnswerRefused.NOT_NOW,
    NotChanged.NOT_AGREED: AnswerRefused.NOT_THERE,
    NotChanged.NO_REASON: AnswerRefused.NO_REASON,
    NotChanged.NO_SUCH_DAY: AnswerRefused.NO_SUCH_DAY,
}


def _said(
    command: SystemAnswers, partner: str, actor: str, connecting: Connecting
) -> ServiceConnection | NotChanged:
    if command.change in _REPORTS:
        reported = PartnerReport(command.change, command.ended, command.beside.days)
        return report(command.connection, partner, reported, actor=actor, connecting=connecting)
    said = PartnerAnswer(command.change, command.declined, command.suggested)
    return answer(command.connection, partner, said, actor=actor, connecting=connecting)


def _listed(one: ServiceConnection) -> ListedRequest:
    return ListedRequest(
        one.id,
        one.reference,
        one.service,
        one.status.value,
        one.version,
        one.sent_at,
        one.respond_by,
    )
