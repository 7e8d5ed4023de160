"""Rows that the ledger vouches for: whoever changes one opens nothing by it, and is found out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from connectors.publishing.ports import ToldContacts
from connectors.publishing.telling.contacts import OWN
from consent.decisions.restrictions import place_restriction
from consent.model import Response, RestrictionScope
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import Telecom
from schemas.vocabulary import Source
from services.bootstrap import DatabaseRole
from services.ledger.binding import BoundTable
from services.ledger.bound_tables import BOUND, COMMUNITY_PARTNERS, DECISIONS
from services.ledger.postgres_bound_verifying import compare_bound_rows, decisions_not_found
from services.lifecycle.erasure.postgres_waits import PostgresWaits
from services.lifecycle.erasure.waiting import begin_to_wait
from services.people.family_access.letting_see.postgres import LetSee, LetSeeStanding
from services.people.family_access.letting_see.postgres_taken_off import (
    TakenOff,
    TakenOffStanding,
)
from services.people.family_access.model import AccessStanding, FamilyAccess
from services.people.governance.orders import ask
from services.people.linking.joins import JoinPersons, KeepApart, join_persons, keep_apart
from services.people.linking.ports import Join
from services.people.signing_in.accounts import SignIn, next_account
from services.platform.clock import BootTime
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.profile.model import Profile, ProfileRefused
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import FATHER, NOW, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.messages.source_messages import A_REVIEW, a_message, a_record, the_child
from tests.support.people.relating import a_colleague, exclude, on_rota, relate

pytestmark = pytest.mark.postgres

_BOOT = BootTime("a-boot", 1_000)
_WHO = Subject(
    "child",
    by_number("9990000034").identifiers,
    Demographics("Rowe", ("Sam",), "2020-01-01", postcode="ZZ99 3VZ"),
)
_IDA = Subject("child", (), Demographics("Lund", ("Ida",), "2020-01-01", postcode="ZZ99 3VZ"))
_NUMBER = "9990000042"
_TRIGGERS_OFF = text("SET LOCAL session_replication_role = replica")


@pytest.fixture(scope="module")
def looked_at(shared_engine: Engine, vault: FileKeyVault) -> Iterator[InProcess]:
    """Give the family in a database that those share who look, or keep nothing of what they do."""
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with _a_family(Outside(shared_engine, vault, hasher, StandingClock())) as found:
        yield found


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the family in a database of a test's own."""
    with _a_family(outside) as found:
        yield found


_A_PARTNER = text("""
    INSERT INTO directory_partner (partner_code, name, kind, added_by, added_at)
    VALUES ('home-start', 'Home-Start', 'charity', 'job:test', now()) ON CONFLICT DO NOTHING
""")


@contextmanager
def _a_family(outside: Outside) -> Iterator[InProcess]:
    """A family that shares, whose health visitor may open them, with a row in each table."""
    with InProcess.running(outside) as found:
        (child,) = found.decide(the_child()).decision.subjects
        found.receive(a_message("m1", a_record("h", A_REVIEW)))
        found.settle()
        with unit_of_work(found.portal) as work:
            relate(work, VISITOR, child)
            asking = {"by": "operator:one", "orders": work.orders, "ledger": work.ledger}
            ask("feed", {"source": "schools"}, at=work.now, **asking)
            on_rota(work, covered=VISITOR, covering=a_colleague(work, AGENCY))
            sign_in = SignIn("card", b"s" * 32)
            hands = {"asked_by": "operator:one", "warranted_by": "operator:other"}
            joined_to = next_account(None, VISITOR, sign_in, **hands, at=work.now)
            work.sign_in_accounts.add(joined_to)
            work.presences().contacts.mark(b"m" * 16, "unsafe", by="job:test", at=work.now)
            work.family_door().rows.write(_a_page_of(child, work.now), by="job:test")
            let = LetSee("e9" * 16, 1, child, child, LetSeeStanding.LET, work.now)
            work.family_door().let_see.write(let, by="job:test")
            off = TakenOff(
                "ea" * 16, 1, child, child, TakenOffStanding.OFF, "court", "order", work.now
            )
            work.family_door().taken_off.write(off, by="job:test")
        with unit_of_work(found.connectors) as work:
            number = Telecom("phone", "07700 900123")
            told = ToldContacts(child, "r", "1", OWN, telecoms=(number,))
            work.publishing(Source.SCHOOLS, None).contacts.keep([told], [])
        with unit_of_work(found.outside) as work:
            waits = PostgresWaits(work.connection, work.bound)
            _a_partner(work)
            begin_to_wait("e5" * 16, _BOOT, at=work.now, by="operator:one", waits=waits)
            somebody = work.persons.create(_WHO, at=work.now)
            keep_apart(KeepApart(child, somebody, by="job:test"), joining=work.joining())
            work.tombstones.leave("e6" * 16, [somebody], by="operator:one")
            hidden = {"actor": "operator:one", "deciding": work.deciding()}
            place_restriction(somebody, RestrictionScope.PERSON, (), **hidden)
            exclude(work, somebody, VISITOR)
            others = [work.persons.create(one, at=work.now) for one in (by_number(_NUMBER), _IDA)]
            order = JoinPersons(*others, by="job:test", although_born_otherwise=True)
            joined = join_persons(order, joining=work.joining())
            assert isinstance(joined, Join), joined
        yield found


def _a_partner(work: UnitOfWork) -> None:
    """A partner of the directory for whom somebody answers."""
    values = {
        "partner_code": "home-start",
        "state": 1,
        "people": b"p" * 32,
        "is_commissioned": True,
    }
    hands = {"asked_by": "operator:one", "warranted_by": "operator:other", "order_id": "ea" * 16}
    work.connection.execute(_A_PARTNER)
    work.bound.add(COMMUNITY_PARTNERS, [({**values, **hands, "known_at": work.now}, "job:test")])


def _a_page_of(person: PersonId, at: datetime) -> FamilyAccess:
    """A page of their own that lapses within the hour, so that no column of it is empty."""
    given = (AccessStanding.GIVEN, VISITOR, AGENCY, "code", "e7" * 16, at)
    return FamilyAccess("e8" * 16, 1, person, b"c" * 16, *given, at + timedelta(hours=1), "told")


def _child(running: InProcess) -> PersonId:
    child = running.person(the_child())
    assert child is not None, "the fixture decided about them"
    return child


def _faults(running: InProcess, connection: Connection) -> list[str]:
    key = running.outside.vault.secret(SecretName.BOUND_ROWS)
    return [str(fault) for fault in compare_bound_rows(connection, key=key)]


@pytest.fixture
def owner(looked_at: InProcess) -> Iterator[Connection]:
    """Give a hostile owner of the database, whom no trigger stops, and who commits nothing."""
    with looked_at.outside.engine.connect() as connection:
        connection.execute(_TRIGGERS_OFF)
        yield connection
        connection.rollback()


def test_what_was_written_agrees_with_the_ledger(looked_at: InProcess, owner: Connection) -> None:
    """Nothing is found where nothing was changed."""
    assert _faults(looked_at, owner) == []


@pytest.mark.parametrize("table", BOUND, ids=lambda table: table.code)
def test_a_changed_column_is_found_and_named(
    looked_at: InProcess, owner: Connection, table: BoundTable
) -> None:
    """Whichever it is: content, salt, seal, or the entry that it says it has."""
    row = _a_row(owner, table)
    where = " AND ".join(f"{name} = :old_{name}" for name in (*table.key, table.state))
    which = {f"old_{name}": row[name] for name in (*table.key, table.state)}
    missed = []
    for column in [*table.content, *table.later, "salt", "seal", "bound_by"]:
        with owner.begin_nested() as changing:
            statement = f"UPDATE {table.name} SET {column} = :new WHERE {where}"  # noqa: S608 ours
            new = _another(column, row[column])
            changed = owner.execute(text(statement), which | {"new": new}).rowcount
            named = [fault for fault in _faults(looked_at, owner) if table.row_id(row) in fault]
            missed += [] if changed == 1 and named else [column]
            changing.rollback()

    assert missed == []


@pytest.mark.parametrize("table", BOUND, ids=lambda table: table.code)
def test_a_row_that_was_taken_away_is_missed(
    looked_at: InProcess, owner: Connection, table: BoundTable
) -> None:
    """What hides a refusal is no less a change."""
    row = _a_row(owner, table)
    owner.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608 - our own names

    faults = _faults(looked_at, owner)

    assert any(table.row_id(row) in one and "is not there" in one for one in faults)


def _a_row(connection: Connection, table: BoundTable) -> Mapping[str, Any]:
    found = connection.execute(text(f"SELECT * FROM {table.name} LIMIT 1")).mappings().first()  # noqa: S608
    if found is None:
        pytest.fail(f"no {table.code} in this world: put a row of it there")
    return dict(found)


_CHANGED: Mapping[type, Callable[[Any], object]] = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    str: lambda value: ("1" if value.startswith("0") else "0") + value[1:],
    bytes: lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    datetime: lambda value: value - timedelta(days=400),
    list: lambda value: [*value, b"f" if value and isinstance(value[0], bytes) else "f" * 32],
    UUID: lambda _: UUID(int=7),
}


_IN_PLACE_OF_NOTHING = {
    **dict.fromkeys(("until", "lifted_at", "warranted_at", "suspended_at"), NOW),
    "score": 1.0,
}


def _another(column: str, value: object) -> object:
    """Something else of the same type; nothing becomes a time, a score, or a name."""
    if value is None:
        return _IN_PLACE_OF_NOTHING.get(column, "f" * 32)
    return _CHANGED[type(value)](value)


def test_a_decision_that_nobody_finds_any_more_is_named(owner: Connection) -> None:
    """Its row stands; what found it by its subject was taken away."""
    before = list(decisions_not_found(owner))
    decision = owner.execute(text("SELECT decision_id FROM sharing_decision")).scalar_one()
    owner.execute(text("DELETE FROM sharing_decision_subject"))
    (after,) = decisions_not_found(owner)

    assert before == []
    assert after.row == DECISIONS.row_id({"decision_id": decision})


@pytest.mark.parametrize("role", [r.value for r in DatabaseRole if r is not DatabaseRole.OWNER])
@pytest.mark.parametrize("table", BOUND, ids=lambda table: table.code)
def test_no_process_may_change_a_row(looked_at: InProcess, role: str, table: BoundTable) -> None:
    """With its own rights neither changed nor deleted."""
    for statement in (f"UPDATE {table.name} SET seal = seal", f"DELETE FROM {table.name}"):  # noqa: S608 ours
        with looked_at.outside.engine.connect() as connection:
            connection.execute(text(f"SET LOCAL ROLE {role}"))
            with pytest.raises(ProgrammingError, match="denied"):
                connection.execute(text(statement))


def test_not_even_the_owner_changes_one_with_the_triggers_on(looked_at: InProcess) -> None:
    """A slip of a hand in psql is stopped there."""
    with (
        looked_at.outside.engine.connect() as connection,
        pytest.raises(ProgrammingError, match="never changed"),
    ):
        connection.execute(text("UPDATE relationship SET ground = 'own'"))


def test_a_refusal_that_was_turned_into_a_yes_still_refuses(running: InProcess) -> None:
    """Also beside another parent's yes, which is in force."""
    child = _child(running)
    before = running.read(child)
    running.decide(child, response=Response.REFUSED, decided_by=FATHER)
    with running.outside.engine.begin() as connection:
        connection.execute(_TRIGGERS_OFF)
        turned = connection.execute(
            text("""
                UPDATE sharing_decision SET document =
                    replace(convert_from(document, 'utf8'), '"response":"refused"',
                            '"response":"given"')::bytea
                WHERE position('"response":"refused"'::bytea IN document) > 0
            """)
        ).rowcount
    after = running.read(child)

    assert turned == 1
    assert isinstance(before, Profile)
    assert isinstance(after, ProfileRefused)


def test_a_refusal_that_finds_somebody_else_says_nothing_of_them(running: InProcess) -> None:
    """The table of subjects finds decisions; whom they are about is in each of them."""
    child = _child(running)
    refused = running.decide(by_number("9990000026"), response=Response.REFUSED)
    (other,) = refused.decision.subjects
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO sharing_decision_subject (person_id, decision_id)
                SELECT :child, decision_id FROM sharing_decision_subject WHERE person_id = :other
            """),
            {"child": child, "other": other},
        )

    assert isinstance(running.read(child), Profile)


def test_a_relationship_that_was_made_longer_opens_nothing(running: InProcess) -> None:
    """Nor one that was copied for somebody else."""
    child = _child(running)
    with running.outside.engine.begin() as connection:
        connection.execute(_TRIGGERS_OFF)
        connection.execute(text("UPDATE relationship SET until = '2099-01-01Z'"))
        connection.execute(
            text("""
                INSERT INTO relationship
                SELECT md5(relationship_id), state, person_id, agency_code,
                       practitioner_id, ground, since, until, warrant, warranted_by, asked_by,
                       known_at, salt, gen_random_uuid(), seal
                FROM relationship
            """)
        )
    with unit_of_work(running.portal) as work:
        found = work.relationships.may_open(VISITOR, [child])[child]

    assert found.relationships == ()
    assert isinstance(running.read(child), ProfileRefused)
