"""Connections in one transaction: what use cases work with, and the pass that time brings about."""

from collections.abc import Callable

import structlog

from services.interfaces.connections.chasing import follow_up, to_follow_up
from services.interfaces.connections.connecting import Connecting, Post, nobody
from services.interfaces.connections.days.bank_holidays import bank_holidays
from services.interfaces.connections.days.times import ConnectionTimes, chase_days
from services.interfaces.connections.postgres import PostgresConnections
from services.interfaces.connections.telling.announcing import announced_in
from services.people.community.postgres import PostgresCommunity
from services.platform.errors import ServiceError
from services.platform.keys.sealing import JweSealer
from services.platform.keys.vault import SecretName
from services.platform.logging import LogEvent
from services.platform.settings import Settings
from services.work import Outside, UnitOfWork, unit_of_work

PostIn = Callable[[UnitOfWork], Post]
"""What brings requests to partners, made for one transaction."""


def nobody_in(work: UnitOfWork) -> Post:
    """What brings them nowhere."""
    del work
    return nobody


def times_of(settings: Settings) -> ConnectionTimes:
    """By when requests are opened and answered, as the settings say.

    Raises BankHolidaysUnreadableError.
    """
    return ConnectionTimes(
        settings.connection_open_days,
        settings.connection_answer_days,
        chase_days(settings.connection_chase_days),
        bank_holidays(settings.bank_holidays),
    )


def connecting_in(
    work: UnitOfWork,
    *,
    times: ConnectionTimes | None = None,
    post: PostIn = nobody_in,
    announce: PostIn = announced_in,
) -> Connecting:
    """What connections are made and changed with in this transaction."""
    return Connecting(
        PostgresConnections(work.connection, JweSealer(work.keys.data_key)),
        work.desk(),
        work.clusters,
        times or ConnectionTimes(),
        post(work),
        announce(work),
        _offered_in(work),
    )


def _offered_in(work: UnitOfWork) -> Callable[[str], bool]:
    """Whether a partner is confirmed; one for whom nobody was ever registered is asked otherwise.

    What people here answer for lasts a year (`services.people.community`).
    """
    key = work.outside.vault.secret(SecretName.COMMUNITY)
    community = PostgresCommunity(work.connection, work.bound, key)

    def is_offered(partner: str) -> bool:
        return not community.was_registered(partner) or (
            (standing := community.standing(partner)) is not None
            and standing.may_be_offered(work.now)
        )

    return is_offered


def follow_up_all(
    outside: Outside,
    *,
    times: ConnectionTimes | None = None,
    post: PostIn = nobody_in,
    announce: PostIn = announced_in,
) -> int:
    """Follow up every connection, each in a transaction of its own; gives how many changed.

    One that cannot be followed up is logged by its id and tried again at the next pass.
    """
    with unit_of_work(outside) as work:
        waiting = to_follow_up(connecting_in(work))
    changed = 0
    for connection_id in waiting:
        try:
            with unit_of_work(outside) as work:
                connecting = connecting_in(work, times=times, post=post, announce=announce)
                before = connecting.rows.find(connection_id)
                after = follow_up(connection_id, connecting=connecting)
                changed += before != after
        except ServiceError as error:
            log, why = structlog.get_logger(), type(error).__name__
            log.warning(LogEvent.CONNECTION_NOT_FOLLOWED, connection=connection_id, error=why)
    return changed
