"""Once a year a partner is asked whether what it told about itself still holds.

Each of its people is written to, with a link and a code as for a request: before the year is over,
once more in its last week, and on the day on which it is over. What they say is the first of two
hands (`services.people.community.registering`); until somebody of ours is the second, a partner
whose year is over is offered to no family. Requests that are open go on.
"""

from datetime import timedelta
from typing import Final

from services.interfaces.answering.links.model import REGISTRATION, MailKind
from services.interfaces.answering.links.ports import AnsweringDesk, AnsweringPlace
from services.interfaces.answering.links.working import answering_desk
from services.interfaces.answering.links.writing import write_to
from services.people.community.model import ASKED_BEFORE, LASTS
from services.work import Outside, unit_of_work

ASKED_AT: Final = (ASKED_BEFORE, timedelta(days=7), timedelta(0))
"""How long before a partner's year is over it is asked."""


def ask_yearly(outside: Outside, place: AnsweringPlace) -> int:
    """Write to each partner that is to be asked by now and was not; gives to how many."""
    with unit_of_work(outside) as work:
        before = work.now - LASTS + ASKED_BEFORE
        waiting = answering_desk(work, place).community.unchanged_since(before)
    asked = 0
    for partner in waiting:
        with unit_of_work(outside) as work:
            asked += _ask(partner, answering_desk(work, place))
    return asked


def _ask(partner: str, desk: AnsweringDesk) -> bool:
    """Write once however many times are over, as after a standstill."""
    desk.community.lock(partner)
    standing = desk.community.standing(partner)
    if standing is None or not standing.is_due(desk.at):
        return False
    over = sum(desk.at >= standing.lapses_at - before for before in ASKED_AT)
    since = standing.lapses_at - ASKED_AT[0]
    of = (REGISTRATION, partner)
    if desk.mail.times_written(*of, MailKind.YEARLY, since=since) >= over:
        return False
    write_to(*of, MailKind.YEARLY, desk=desk)
    return True
