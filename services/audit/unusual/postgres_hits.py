"""Hits and their states in PostgreSQL: rows that are written once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from services.audit.unusual.hits import (
    ALWAYS,
    DISMISSED,
    NOT_RIGHT,
    OUTCOMES,
    SWEEPER,
    Hit,
    HitStanding,
    HitState,
    RuleFigures,
)
from services.audit.unusual.judging import SENTENCES
from services.audit.unusual.later import ABOUT_WHEN
from services.audit.unusual.model import ExplainedBy, UnusualRule
from services.platform.database.engine import Texts
from services.platform.errors import ServiceUnavailableError

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('unusual-hit ' || :hit, 0))")
# One statement however many there are: a busy day has thousands.
_ADD = text("""
    WITH added AS (
        INSERT INTO unusual_hit (hit_id, rule, rule_version, practitioner_id, person_id, day, at,
                                 place, acts, explained_by, raised_at, due_at)
        SELECT * FROM unnest(
            CAST(:id AS text[]), CAST(:rule AS text[]), CAST(:version AS text[]),
            CAST(:practitioner AS text[]), CAST(:person AS text[]), CAST(:day AS date[]),
            CAST(:at AS timestamptz[]), CAST(:place AS bigint[]), CAST(:acts AS integer[]),
            CAST(:explained_by AS text[]), CAST(:raised_at AS timestamptz[]),
            CAST(:due_at AS timestamptz[]))
        ON CONFLICT DO NOTHING RETURNING hit_id, explained_by, raised_at
    ), begun AS (
        INSERT INTO unusual_state (hit_id, state, standing, said_by, said_at)
        SELECT hit_id, 1, :new, :sweeper, raised_at FROM added WHERE explained_by IS NULL
    )
    SELECT hit_id FROM added
""")
_ADD_STATE = text("""
    INSERT INTO unusual_state (hit_id, state, standing, words, order_id, said_by, said_at)
    VALUES (:hit, :state, :standing, :words, :order, :by, :at) ON CONFLICT DO NOTHING
    RETURNING state
""")
_HIT = text("SELECT * FROM unusual_hit WHERE hit_id = :hit")
_STATES = text("SELECT * FROM unusual_state WHERE hit_id = ANY(:hits) ORDER BY hit_id, state")
_WORDS = text("SELECT state, words FROM unusual_state WHERE hit_id = :hit ORDER BY state")
# One range of an index for each rule and standing, and the soonest due of all of them: however many
# are closed, no more is read than a page takes. Nothing is due before the day it is about.
_LIST = text("""
    SELECT h.* FROM (
        SELECT found.hit_id, found.due_at
        FROM unnest(CAST(:rules AS text[])) AS one (rule)
        CROSS JOIN unnest(CAST(:standings AS text[])) AS other (standing)
        CROSS JOIN LATERAL (
            SELECT s.hit_id, s.due_at FROM unusual_standing AS s
            WHERE s.rule = one.rule AND s.standing = other.standing
              AND s.day BETWEEN :since AND :until AND s.due_at >= CAST(:since AS date)
              AND (s.due_at, s.hit_id) > (:after_due, CAST(:after_hit AS text))
            ORDER BY s.due_at, s.hit_id LIMIT :most) AS found
        ORDER BY found.due_at, found.hit_id LIMIT :most) AS page
    JOIN unusual_hit AS h USING (hit_id) ORDER BY h.due_at, h.hit_id
""")
_DISMISSED = text("""
    SELECT h.rule, h.practitioner_id, h.person_id, max(s.said_at) AS said_at
    FROM unusual_hit h JOIN unusual_state s USING (hit_id)
    WHERE s.standing = ANY(:standings) AND h.practitioner_id = ANY(:by) AND s.said_at > :after
    GROUP BY h.rule, h.practitioner_id, h.person_id
""")
_ASKED = text("""
    SELECT rule, practitioner_id, person_id, day FROM unusual_hit
    WHERE explained_by IS NULL AND rule <> ALL(:about_when) AND day BETWEEN :first AND :last
""")
_FIGURES = text("""
    SELECT c.rule, nullif(c.explained_by, '') AS explained_by, c.rule_version, c.standing,
           CAST(sum(c.times) AS bigint) AS number, max(c.newest) AS newest
    FROM unusual_count AS c WHERE c.day BETWEEN :since AND :until GROUP BY 1, 2, 3, 4
""")
_TEAMS = text("SELECT DISTINCT team FROM staff_list WHERE practitioner_id = ANY(:who)")
_HAS_LOOKED = text("""
    SELECT EXISTS (SELECT FROM unusual_act WHERE practitioner_id = ANY(:who) AND kind = 'look'
                   AND persons @> ARRAY[CAST(:person AS text)])
""")
_FIRST = (datetime.min.replace(tzinfo=UTC), "")
_Pair = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class HitFilter:
    """Which hits are asked for; `after` is the last row of the page before: its due and its id.

    `leave_out` are rules whose hits are not.
    """

    since: date | None = None
    until: date | None = None
    rule: UnusualRule | None = None
    standings: Collection[HitStanding] | None = None
    after: tuple[datetime, str] | None = None
    leave_out: Collection[UnusualRule] = ()


class PostgresHits:
    """Hits as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Keep those that are new, each with its first state; gives the new ones."""
        if not hits:
            return []
        rows = [_values(hit) for hit in hits]
        columns: dict[str, object] = {name: [row[name] for row in rows] for name in rows[0]}
        columns |= {"new": HitStanding.NEW.value, "sweeper": SWEEPER}
        added = set(self._connection.execute(_ADD, columns).scalars())
        return [_begun(hit) for hit in hits if hit.id in added]

    def state(self, hit: Hit, state: HitState, *, words: bytes | None) -> None:
        """Write the next state. Raises ServiceUnavailableError where another came first."""
        row = {
            "hit": hit.id,
            "state": state.number,
            "standing": state.standing.value,
            "words": words,
            "order": state.order,
            "by": state.said_by,
            "at": state.said_at,
        }
        if self._connection.execute(_ADD_STATE, row).first() is None:
            raise ServiceUnavailableError("another answer to this hit came first; try again")

    def find(self, hit: str) -> Hit | None:
        """One hit as it stands, locked until commit."""
        self._connection.execute(_LOCK, {"hit": hit})
        row = self._connection.execute(_HIT, {"hit": hit}).first()
        return None if row is None else self._with_states([row])[0]

    def words(self, hit: str) -> Mapping[int, bytes]:
        """Why somebody said what they said, sealed, by the number of the state."""
        rows = self._connection.execute(_WORDS, {"hit": hit})
        return {row.state: bytes(row.words) for row in rows if row.words is not None}

    def listed(self, asked: HitFilter, *, most: int) -> Sequence[Hit]:
        """What nothing explains, the soonest due first; keyset paging, no totals."""
        rules = UnusualRule if asked.rule is None else (asked.rule,)
        standings = HitStanding if asked.standings is None else asked.standings
        due, last = asked.after or _FIRST
        wanted = {
            "since": asked.since or date.min,
            "until": asked.until or date.max,
            "rules": Texts(rule.value for rule in rules if rule not in asked.leave_out),
            "standings": Texts(standing.value for standing in standings),
            "after_due": due,
            "after_hit": last,
            "most": most,
        }
        return self._with_states(self._connection.execute(_LIST, wanted).all())

    def dismissed(self, by: Collection[str], *, since: datetime) -> Mapping[_Pair, datetime]:
        """What was found to be right, or not real, since then: rule, practitioner and person."""
        wanted = {"by": Texts(by), "standings": Texts(DISMISSED), "after": since}
        return {
            (row.rule, row.practitioner_id, row.person_id): row.said_at
            for row in self._connection.execute(_DISMISSED, wanted)
            if row.rule not in ALWAYS
        }

    def asked_why(self, first: date, last: date) -> Collection[tuple[*_Pair, date]]:
        """Hits of these days that ask why somebody looked: rule, practitioner, person and day."""
        wanted = {"first": first, "last": last, "about_when": Texts(ABOUT_WHEN)}
        rows = self._connection.execute(_ASKED, wanted)
        return {(row.rule, row.practitioner_id, row.person_id, row.day) for row in rows}

    def figures(self, since: date, until: date) -> Sequence[RuleFigures]:
        """How well each rule does, of hits of these days."""
        rows = self._connection.execute(_FIGURES, {"since": since, "until": until}).all()
        return [_figures(rule, [row for row in rows if row.rule == rule]) for rule in UnusualRule]

    def share_a_team(self, one: Collection[str], other: Collection[str]) -> bool:
        """Whether any of these accounts are in one team, by the list of staff."""
        return bool(self.teams_of(one) & self.teams_of(other))

    def has_looked(self, who: Collection[str], person: str) -> bool:
        """Whether any of these accounts was shown the person."""
        asked = {"who": Texts(who), "person": person}
        return bool(self._connection.execute(_HAS_LOOKED, asked).scalar())

    def teams_of(self, who: Collection[str]) -> frozenset[str]:
        """The teams of any of these accounts as the list of staff has them: keyed hashes."""
        found = self._connection.execute(_TEAMS, {"who": Texts(who)}).scalars()
        return frozenset(bytes(team).hex() for team in found)

    def _with_states(self, rows: Sequence[Row[Any]]) -> Sequence[Hit]:
        states: dict[str, list[HitState]] = {}
        wanted = {"hits": Texts(row.hit_id for row in rows)}
        for row in self._connection.execute(_STATES, wanted) if rows else ():
            states.setdefault(row.hit_id, []).append(_state(row))
        return [_hit(row, tuple(states.get(row.hit_id, ()))) for row in rows]


def _begun(hit: Hit) -> Hit:
    if hit.explained_by is not None:
        return hit
    return replace(hit, states=(HitState(1, HitStanding.NEW, SWEEPER, hit.raised_at),))


def quiet_from(at: datetime, quiet_days: int) -> datetime:
    """Since when a dismissal keeps what happened at `at` quiet."""
    return at - timedelta(days=quiet_days)


def _figures(rule: UnusualRule, rows: Sequence[Row[Any]]) -> RuleFigures:
    explained: dict[str, int] = {}
    for row in rows:
        if row.explained_by is not None:
            explained[row.explained_by] = explained.get(row.explained_by, 0) + row.number
    left = [row for row in rows if row.explained_by is None]

    def those(standings: Collection[HitStanding]) -> int:
        return sum(row.number for row in left if row.standing in standings)

    sentences = SENTENCES[rule]
    return RuleFigures(
        rule,
        sentences.fires,
        sentences.explained,
        fired=sum(row.number for row in rows),
        explained=explained,
        waiting=those(set(HitStanding) - OUTCOMES),
        reviewed=those(OUTCOMES),
        not_right=those(NOT_RIGHT),
        version=max(((row.newest, row.rule_version) for row in rows), default=(0, None))[1],
    )


def _values(hit: Hit) -> Mapping[str, object]:
    return {
        "id": hit.id,
        "rule": hit.rule.value,
        "version": hit.version,
        "practitioner": hit.practitioner,
        "person": hit.person,
        "day": hit.day,
        "at": hit.at,
        "place": hit.place,
        "acts": hit.acts,
        "explained_by": None if hit.explained_by is None else hit.explained_by.value,
        "raised_at": hit.raised_at,
        "due_at": hit.due_at,
    }


def _hit(row: Row[Any], states: tuple[HitState, ...]) -> Hit:
    return Hit(
        row.hit_id,
        UnusualRule(row.rule),
        row.rule_version,
        row.practitioner_id,
        row.person_id,
        row.day,
        row.at,
        row.place,
        row.acts,
        row.raised_at,
        row.due_at,
        None if row.explained_by is None else ExplainedBy(row.explained_by),
        states,
    )


def _state(row: Row[Any]) -> HitState:
    standing = HitStanding(row.standing)
    return HitState(row.state, standing, row.said_by, row.said_at, row.order_id)
