"""Uses of a practitioner's name by partners: counted for them, and disowned by them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role
from services.interfaces.access.app import EVALUATIONS, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.interfaces.partners.push.postgres import forget_old_pushes
from services.people.governance.queue import ItemKind
from services.people.practitioners.people import Session, SignedInPractitioner
from services.people.relationships.staff import StaffChange, StaffRefusal, ask_staff
from services.people.staffing.joining import part
from services.people.staffing.names_used import SHOWN_FOR, UseKind
from services.people.staffing.suspending import ask_resume, suspend
from services.portal.front.uses import UsesOnDatabase
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, PUBLIC_URL
from tests.support.people.bringing import join
from tests.support.people.families import FamiliesOnDatabase, a_known_family, families_on
from tests.support.people.staffing import somebody_new

pytestmark = pytest.mark.postgres

_NOBODY = "99" * 16
_ONE = "operator:one"


@pytest.fixture
def families(outside: Outside) -> Iterator[FamiliesOnDatabase]:
    """Give the families interface."""
    with InProcess.running(outside) as running, families_on(running) as found:
        yield found


@pytest.fixture
def uses(families: FamiliesOnDatabase) -> UsesOnDatabase:
    """Give what the page asks."""
    return UsesOnDatabase(families.running.portal, demonstration=True)


def who_is(families: FamiliesOnDatabase, wanted: str = VISITOR) -> SignedInPractitioner:
    """Give a practitioner as they work now."""
    with unit_of_work(families.running.portal) as work:
        found = [one for one in work.directory.practitioners() if one.id == wanted]
    return found[0]


def test_each_token_is_a_use_with_how_many_families_it_was_for(
    families: FamiliesOnDatabase, uses: UsesOnDatabase
):
    """Seen and refused apart, each family once; those of another token are its own."""
    child, mother = a_known_family(families.running)
    first = families.token()
    for family in (child, child, mother, _NOBODY):
        families.get(family, first)
    families.partners.pass_by(timedelta(minutes=1))
    families.token()

    newest, oldest = uses.mine(who_is(families), None)

    assert (newest.shown, newest.refused, oldest.shown, oldest.refused) == (0, 0, 1, 2)
    assert {newest.kind, oldest.kind} == {UseKind.FAMILIES}
    assert (oldest.partner, oldest.purpose) == (NORTHFIELD, "direct-care")
    assert list(uses.mine(who_is(families), newest.id)) == [oldest]
    assert list(uses.mine(who_is(families), oldest.id)) == []
    assert list(uses.mine(who_is(families, TEACHER), None)) == []
    assert list(uses.mine(who_is(families, TEACHER), newest.id)) == []


def test_questions_are_told_by_the_hour(families: FamiliesOnDatabase, uses: UsesOnDatabase):
    """Also about somebody whom they do not work with; none is told of a name that nobody has."""
    child, _ = a_known_family(families.running)
    running = families.running
    families.partners.onboard(NORTHFIELD)
    headers = families.partners.token(NORTHFIELD)
    app = create_access_app(
        evaluating(running.portal), admit=admit_askers(running.connectors), base_url=PUBLIC_URL
    )
    question = {
        "subject": {"type": "practitioner", "id": VISITOR},
        "action": {"name": "read"},
        "resource": {"type": "child-health", "id": child},
        "context": {"purpose": "direct-care"},
        "evaluations": [{}, {"resource": {"type": "child-health", "id": _NOBODY}}],
    }
    with client_of(app) as http:
        for subject in (VISITOR, VISITOR, "e" * 32):
            asked = question | {"subject": {"type": "practitioner", "id": subject}}
            assert http.post(EVALUATIONS, json=asked, headers=headers).status_code == 200

    (use,) = uses.mine(who_is(families), None)

    assert (use.kind, use.asked, use.purpose) == (UseKind.QUESTION, 2, "direct-care")


def test_that_it_was_not_them_ends_the_token_and_is_told_to_governance(
    families: FamiliesOnDatabase, uses: UsesOnDatabase
):
    """Once; of another's name it does nothing, and is entered."""
    child, _ = a_known_family(families.running)
    headers = families.token()
    (use,) = uses.mine(who_is(families), None)

    somebody_else = uses.disown(who_is(families, TEACHER), use.id)
    before = families.get(child, headers)
    disowned = [uses.disown(who_is(families), use.id) for _ in range(2)]
    after = families.get(child, headers)

    assert (somebody_else, disowned) == (False, [True, True])
    assert (before.status_code, after.status_code) == (200, 401)
    with unit_of_work(families.running.portal) as work:
        (item,) = work.queue.waiting(most=9)
    assert (item.kind, item.about) == (ItemKind.NAME_USED, f"partner:{NORTHFIELD}")
    (entry,) = families.running.ledger(LedgerEvent.PRACTITIONER_USE_DISOWNED)
    assert entry.fields == {"use": use.id, "partner": NORTHFIELD}
    assert entry.actor == f"practitioner:{VISITOR}"
    assert len(families.running.ledger(LedgerEvent.PAGE_REFUSED)) == 1
    (told,) = uses.mine(who_is(families), None)
    assert told.disowned_at is not None


def test_uses_are_told_and_kept_for_ninety_days(families: FamiliesOnDatabase, uses: UsesOnDatabase):
    """The ledger has them for good."""
    families.token()
    families.partners.pass_by(SHOWN_FOR + timedelta(seconds=1))

    told = uses.mine(who_is(families), None)
    with unit_of_work(families.running.connectors) as work:
        forget_old_pushes(work.connection, work.now)
    with families.running.outside.engine.connect() as connection:
        kept = connection.execute(text("SELECT count(*) FROM partner_use")).scalar()

    assert (list(told), kept) == ([], 0)
    assert len(families.running.ledger(LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED)) == 1


@pytest.mark.parametrize(
    ("by_environment", "by_database"), [(True, True), (True, False), (False, True)]
)
def test_the_demonstration_signs_a_token_and_nothing_else_does(
    families: FamiliesOnDatabase,
    *,
    by_environment: bool,
    by_database: bool,
):
    """Environment and database have to say so, both; who was given one is entered."""
    running = families.running
    with running.outside.engine.begin() as connection:
        connection.execute(
            text("UPDATE installation SET is_demonstration = :is"), {"is": by_database}
        )
    now = running.outside.clock.now()
    session = Session(
        practitioner=who_is(families),
        csrf_secret=b"s" * 32,
        signed_in_at=now,
        authenticated_at=now,
        id="5e" * 16,
    )

    given = UsesOnDatabase(running.portal, demonstration=by_environment).token_for(
        session, NORTHFIELD
    )

    is_both = by_environment and by_database
    assert (given is not None) is is_both
    signed = running.ledger(LedgerEvent.PRACTITIONER_TOKEN_SIGNED)
    assert [entry.actor for entry in signed] == [f"practitioner:{VISITOR}"] * is_both


def _part(work: UnitOfWork) -> None:
    join(work, VISITOR, "https://sign-in.example", "1")
    assert not isinstance(part(VISITOR, by=_ONE, staffing=work.staffing()), StaffRefusal)


def _suspend_and_resume(work: UnitOfWork) -> None:
    suspend(VISITOR, by=_ONE, staffing=work.staffing())
    ask_resume(VISITOR, by=_ONE, staffing=work.staffing())


def _change(work: UnitOfWork) -> None:
    entry = somebody_new(role=Role.LEAD_PRACTITIONER, practitioner=VISITOR)
    ask_staff(StaffChange(entry, is_move=True), by=_ONE, staffing=work.staffing())


@pytest.mark.parametrize("change", [_part, _suspend_and_resume, _change])
def test_what_ends_a_session_ends_what_partners_hold_in_their_name(
    families: FamiliesOnDatabase, change: Callable[[UnitOfWork], None]
):
    """A token says neither by which sign-in nor as what they came: a new one has to be brought."""
    child, _ = a_known_family(families.running)
    token = families.token()
    before = families.get(child, token).status_code
    with unit_of_work(families.running.outside) as work:
        change(work)

    assert (before, families.get(child, token).status_code) == (200, 401)
