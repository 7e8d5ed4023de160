"""Looks that families are not told yet, and that no review has: each month's come to governance.

A look for safeguarding, or that no decision let through, is held back until its reviews have ended
(`services.profile.families.own_page.looks`). Once a month is over, what is in no review of its own
becomes one item a worker and a person, with a day by which; what nobody has reviewed by the end of
the longest time that the rules permit is an item more, at once overdue. Time alone tells nothing to
anybody: neither a page nor what it shows changes by this. In PostgreSQL; each month once.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy import Connection, Row, text

from consent.ledger import entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.uk_time import first_moment, uk_day
from schemas.vocabulary import Category
from services.audit.unusual.settings import HeldBackRules
from services.people.governance.queue import Item, ItemKind, raise_item
from services.platform.logging import LogEvent
from services.profile.families.own_page.looks import KeptLook, is_held_back
from services.profile.families.own_page.postgres_looks import decisions_behind
from services.work import UnitOfWork

ACTOR = "job:held-back-looks"
_AT_ONCE = 2000
_END_OF_WORK = time(17)
_GRACE = timedelta(hours=1)
_log = structlog.get_logger()

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('held-back looks', 0))")
_LAST = text("SELECT max(month) FROM held_back_month")
_FIRST_LOOK = text("SELECT min(at) FROM look")
_DONE = text("INSERT INTO held_back_month (month, done_at) VALUES (:month, :at)")
# Of whoever was erased or left behind nothing is written again. What a hit or the review of an
# emergency has already needs no item of its own.
_LOOKS = text("""
    SELECT l.disclosure, l.at, l.person_id, l.practitioner_id, l.purpose, l.permitted, l.categories
    FROM look AS l JOIN person AS p USING (person_id)
    WHERE l.at >= :first AND l.at < :after AND p.wrapped_key IS NOT NULL
        AND p.left_behind_at IS NULL
        AND NOT EXISTS (
            SELECT FROM unusual_hit AS h
            WHERE h.practitioner_id = l.practitioner_id AND h.person_id = l.person_id
                AND h.explained_by IS NULL
                AND h.day = CAST(l.at AT TIME ZONE 'Europe/London' AS date))
        AND NOT EXISTS (
            SELECT FROM relationship AS r
            JOIN governance_item AS i ON i.about = r.relationship_id AND i.state = 1
                AND i.kind = :emergency
            WHERE r.person_id = l.person_id AND r.state = 1
                AND r.practitioner_id = l.practitioner_id
                AND l.at >= r.since AND (r.until IS NULL OR l.at < r.until))
    ORDER BY l.at, l.disclosure
""")
_TOO_LONG = text("""
    SELECT i.item_id, i.person_id, i.known_at FROM governance_open AS o
    JOIN governance_item AS i ON i.item_id = o.item_id AND i.state = 1
    WHERE o.kind = :kind AND o.known_at <= :before ORDER BY o.known_at, o.item_id
""")


def raise_held_back(rules: HeldBackRules, *, work: UnitOfWork) -> int | None:
    """Raise the items of the next month that is over; how many. None where no month is to be done.

    Again does nothing: a month is done in the transaction that says so.
    """
    work.connection.execute(_LOCK)
    month = _next_month(work.connection)
    if month is None or work.now < first_moment(_after(month)) + _GRACE:
        return None
    items = [
        _item(person, worker, month, rules, work.now)
        for person, worker in sorted(_held_back(month, work.connection))
    ]
    for item in items:
        work.queue.add(item, at=work.now)
    work.ledger.append(
        [
            ledger_entry(
                LedgerEvent.GOVERNANCE_ITEM_RAISED,
                {"item": item.id, "kind": item.kind, "due": item.due_at},
                at=work.now,
                actor=ACTOR,
                entry_id=entry_id_for("governance-item-raised", item.id),
            )
            for item in items
        ]
    )
    work.connection.execute(_DONE, {"month": month, "at": work.now})
    return len(items)


def alarm_of_too_long(rules: HeldBackRules, *, work: UnitOfWork) -> int:
    """Let governance know of each that nobody has reviewed in the longest time; how many there are.

    It stays held back. Again changes nothing: it is one item, from the moment at which it was late.
    """
    longest = timedelta(days=rules.longest_days)
    wanted = {"kind": ItemKind.HELD_BACK.value, "before": work.now - longest}
    late = work.connection.execute(_TOO_LONG, wanted).all()
    for row in late:
        raise_item(
            ItemKind.HELD_TOO_LONG,
            row.item_id,
            by=ACTOR,
            queue=work.queue,
            ledger=work.ledger,
            at=row.known_at + longest,
            person=PersonId(row.person_id),
        )
    if late:
        _log.critical(LogEvent.HELD_TOO_LONG, count=len(late))
    return len(late)


def _next_month(connection: Connection) -> date | None:
    last: date | None = connection.execute(_LAST).scalar()
    if last is not None:
        return _after(last)
    begun: datetime | None = connection.execute(_FIRST_LOOK).scalar()
    return None if begun is None else uk_day(begun).replace(day=1)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _held_back(month: date, connection: Connection) -> set[tuple[PersonId, str]]:
    """By whom and about whom there was a look that is held back and that no review has."""
    wanted = {
        "first": first_moment(month),
        "after": first_moment(_after(month)),
        "emergency": ItemKind.EMERGENCY.value,
    }
    found: set[tuple[PersonId, str]] = set()
    for rows in connection.execute(_LOOKS, wanted).partitions(_AT_ONCE):
        looks = [_look(row) for row in rows]
        decided = decisions_behind({one.at for _, one in looks if one.permitted}, connection)
        found |= {
            (person, look.worker)
            for person, look in looks
            if is_held_back(replace(look, decisions=decided.get(look.id)))
        }
    return found


def _look(row: Row[tuple[object, ...]]) -> tuple[PersonId, KeptLook]:
    return PersonId(row.person_id), KeptLook(
        row.disclosure,
        row.at,
        f"practitioner:{row.practitioner_id}",
        None,
        None,
        row.purpose,
        row.permitted,
        tuple(Category(one) for one in row.categories),
    )


def _item(person: PersonId, worker: str, month: date, rules: HeldBackRules, now: datetime) -> Item:
    """Raised as the worker's, whose act is reviewed; about the month by its name."""
    name = f"{month:%Y-%m}"
    day = now.date() + timedelta(days=rules.review_within_days)
    due = datetime.combine(day, _END_OF_WORK, tzinfo=UTC)
    item_id = str(entry_id_for("governance-item", ItemKind.HELD_BACK, person, worker, name))
    return Item(item_id, ItemKind.HELD_BACK, person, name, worker, due)
