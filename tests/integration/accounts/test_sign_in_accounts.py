"""Which sign-in opens which account, and who is one human being by that."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from schemas.identifiers import PractitionerId
from services.people.practitioners.people import is_another_human
from services.people.signing_in.accounts import CODE_LASTS, SignIn, ended_account, next_account
from services.people.signing_in.codes import read_code
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.people.relating import a_colleague

pytestmark = pytest.mark.postgres
ISSUER, SUBJECT = "https://sign-in.example", "subject-1"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the two practitioners whom everybody has."""
    with InProcess.running(outside) as running:
        yield running


def join(work: UnitOfWork, practitioner: PractitionerId, subject: str = SUBJECT) -> SignIn:
    """Let a sign-in open an account, as if both hands had been there."""
    accounts = work.sign_in_accounts
    sign_in = SignIn("card", accounts.digest(ISSUER, subject))
    before = accounts.newest(practitioner, sign_in.digest)
    hands = {"asked_by": "operator:one", "warranted_by": "operator:other"}
    accounts.add(next_account(before, practitioner, sign_in, **hands, at=work.now))
    return sign_in


def test_a_sign_in_opens_what_it_is_joined_to_until_that_is_over(running: InProcess) -> None:
    """Another subject, and the same subject of another issuer, open nothing."""
    with unit_of_work(running.portal) as work:
        sign_in = join(work, VISITOR)
        join(work, TEACHER)
    with unit_of_work(running.portal) as work:
        accounts = work.sign_in_accounts
        both = accounts.opened_by(ISSUER, SUBJECT)
        others = [accounts.opened_by(ISSUER, "1"), accounts.opened_by(ISSUER + "subject", "-1")]
        before = accounts.newest(VISITOR, sign_in.digest)
        assert before is not None
        accounts.add(ended_account(before, by="operator:one", at=work.now))
    with unit_of_work(running.portal) as work:
        left = work.sign_in_accounts.opened_by(ISSUER, SUBJECT)
        signs_in = [one.sign_in.provider for one in work.sign_in_accounts.of(TEACHER)]

    assert (set(both), others) == ({VISITOR, TEACHER}, [[], []])
    assert (left, signs_in) == ([TEACHER], ["card"])


@pytest.mark.parametrize("change", ["seal = NULL", "since = now()", "provider = 'x'"])
def test_a_row_that_was_changed_opens_nothing_and_still_makes_one_human(
    running: InProcess, change: str
) -> None:
    """It only ever takes away."""
    with unit_of_work(running.portal) as work:
        join(work, VISITOR)
        join(work, TEACHER)
    with running.outside.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sign_in_account DISABLE TRIGGER USER"))
        connection.execute(text(f"UPDATE sign_in_account SET {change}"))  # noqa: S608
        connection.execute(text("ALTER TABLE sign_in_account ENABLE TRIGGER USER"))
    with unit_of_work(running.portal) as work:
        opened = work.sign_in_accounts.opened_by(ISSUER, SUBJECT)
        others = work.sign_in_accounts.one_human(VISITOR)

    assert (opened, others) == ([], [TEACHER])


def test_accounts_that_are_joined_from_one_to_the_next_are_one_human(running: InProcess) -> None:
    """By two sign-ins over a third account, whatever they are called, and also once it is over."""
    with unit_of_work(running.outside) as work:
        third = a_colleague(work, AGENCY, name="Somebody Else")
    with unit_of_work(running.portal) as work:
        join(work, VISITOR, "one")
        join(work, third, "one")
        over = join(work, third, "two")
        join(work, TEACHER, "two")
        before = work.sign_in_accounts.newest(third, over.digest)
        assert before is not None
        work.sign_in_accounts.add(ended_account(before, by="operator:one", at=work.now))
    with unit_of_work(running.portal) as work:
        one, other = (work.directory.practitioner(who) for who in (VISITOR, TEACHER))
        assert one is not None
        assert other is not None

        assert one.also == {third, TEACHER}
        assert not is_another_human(one, other)


def test_the_newest_code_of_a_stranger_finds_them_for_a_week(
    running: InProcess, clock: StandingClock
) -> None:
    """The one before finds nothing, and neither does one that is past its time."""
    with unit_of_work(running.portal) as work:
        first = read_code(work.sign_in_accounts.stranger(ISSUER, SUBJECT, "card"))
    with unit_of_work(running.portal) as work:
        second = read_code(work.sign_in_accounts.stranger(ISSUER, SUBJECT, "card"))
    assert first is not None
    assert second is not None
    with unit_of_work(running.portal) as work:
        accounts = work.sign_in_accounts
        found = [accounts.behind(code) for code in (first, second)]
        digest = accounts.digest(ISSUER, SUBJECT)
    clock.pass_by(CODE_LASTS)
    with unit_of_work(running.portal) as work:
        late = work.sign_in_accounts.behind(second)

    assert (found, late) == ([None, SignIn("card", digest)], None)
