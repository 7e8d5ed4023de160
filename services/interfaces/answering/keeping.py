"""What is due about partners who answer without a system, every few seconds: told, read, closed.

In a process of its own, as the portal's user: what became of mail is for whoever asked to see, and
the relay, which hands mail over, reads no request.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from services.audit.integrity.seen.showing import shown
from services.bootstrap import Application, DatabaseRole
from services.interfaces.answering.links.model import MailKind, MailSent
from services.interfaces.answering.links.ports import AnsweringDesk, AnsweringPlace
from services.interfaces.answering.links.postgres_mail import note_failed
from services.interfaces.answering.links.working import JOB, answering_desk, place_of
from services.interfaces.answering.links.writing import write_to
from services.interfaces.answering.yearly import ask_yearly
from services.interfaces.connections.changing import mark_delivered, mark_undelivered
from services.interfaces.connections.working import connecting_in
from services.platform.logging import LogEvent, configure_logging
from services.platform.loops import Stopping, leave_what_is_loaded, run_until_stopped
from services.platform.messages.bounces import Bounced, laid_aside, read_bounces
from services.work import Outside, UnitOfWork, unit_of_work

_EVERY: Final = 10.0
_TELLS_OF_DELIVERY: Final = frozenset({MailKind.REQUEST, MailKind.AGAIN, MailKind.CHASE})


def run_keeping(application: Application) -> int:
    """Do what is due until stopped."""
    log = configure_logging("community")
    outside, settings = application.outside(DatabaseRole.PORTAL), application.settings
    place, stopping = place_of(settings), Stopping()
    leave_what_is_loaded()

    def step() -> int:
        if settings.bounces_folder is not None:
            take_bounces(outside, settings.bounces_folder)
        settle_mail(outside, place)
        tell_lapsed(outside, place)
        if place.url:
            ask_yearly(outside, place)
        return 0

    log.info(LogEvent.PROCESS_STARTED)
    with shown(settings, outside, log) as showing:
        turning = showing.turning(step)
        run_until_stopped(turning, stopping=stopping, idle_wait=_EVERY, log=log)
    log.info(LogEvent.PROCESS_STOPPED)
    return 0


def take_bounces(outside: Outside, folder: Path) -> int:
    """Read what came back and note of which mail; gives how many were about requests."""
    taken = 0
    for path, found in read_bounces(folder):
        with unit_of_work(outside) as work:
            ours = [one for one in found if _take(one, work)]
        laid_aside(path, was_ours=bool(found))
        taken += len(ours)
    return taken


def _take(bounced: Bounced, work: UnitOfWork) -> bool:
    """Note one; the same again changes nothing, and one about no request of ours neither."""
    because = f"bounced-{bounced.status}"
    if not note_failed(work.connection, bounced.reference, because, work.now):
        return False
    fields: dict[str, FieldValue] = {"message": bounced.reference, "because": because}
    event = LedgerEvent.OUTGOING_MESSAGE_BOUNCED
    entry_id = entry_id_for("outgoing-message", event, bounced.reference)
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=JOB, entry_id=entry_id)])
    return True


def settle_mail(outside: Outside, place: AnsweringPlace) -> int:
    """Tell requests what became of their mail; gives of how many.

    One mailbox that does not take mail is told as soon as it is known, though another took it:
    who keeps that mailbox waits for nothing.
    """
    with unit_of_work(outside) as work:
        waiting = answering_desk(work, place).mail.with_news()
    for connection in waiting:
        with unit_of_work(outside) as work:
            _settle(connection, work, answering_desk(work, place))
    return len(waiting)


def _settle(connection: str, work: UnitOfWork, desk: AnsweringDesk) -> None:
    connecting = connecting_in(work)
    latest = _latest(desk.mail.of(connection))
    failed = next((one for one in latest if one.failed_at is not None), None)
    if failed is not None:
        because = failed.because or "not-delivered"
        mark_undelivered(connection, because, actor=JOB, connecting=connecting)
    elif any(one.handed_at is not None for one in latest):
        mark_delivered(connection, actor=JOB, connecting=connecting)
    desk.mail.settled(connection, at=desk.at)


def _latest(mails: Iterable[MailSent]) -> Collection[MailSent]:
    """Of each who answers the mail that was sent last."""
    asking = (one for one in mails if one.kind in _TELLS_OF_DELIVERY)
    return {one.person: one for one in asking}.values()


def tell_lapsed(outside: Outside, place: AnsweringPlace) -> int:
    """Write once to whoever let a request lapse, that there is nothing to do; gives to how many."""
    with unit_of_work(outside) as work:
        waiting = answering_desk(work, place).mail.lapsed_untold(outside.clock.now())
    for connection, partner in waiting:
        with unit_of_work(outside) as work:
            desk = answering_desk(work, place)
            write_to(connection, partner, MailKind.LAPSED, desk=desk)
    return len(waiting)
