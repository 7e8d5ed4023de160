"""How long a session lasts, who may end it, and what a provider may say of it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role
from services.people.practitioners.postgres_sessions import forget_over
from services.people.signing_in.providers import ProviderKind
from services.people.signing_in.tokens import SignedOut
from services.work import unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY
from tests.support.people.front_door import (
    CARD,
    COUNCIL,
    VISITING,
    FrontDoor,
    entered,
)
from tests.support.people.relating import a_colleague
from tests.support.portal.pages import PageClient
from tests.support.signing_in import issuer_of
from tests.support.statements import statements_of

pytestmark = pytest.mark.postgres
_MINUTE = timedelta(minutes=1)
_ENDED = LedgerEvent.SESSION_ENDED


def is_in(browser: PageClient) -> bool:
    """Whether the first page opens."""
    return browser.http.get("/").status_code == 200


def because(door: FrontDoor) -> list[object]:
    """Why sessions have ended, in order."""
    return [one["because"] for one in entered(door, _ENDED)]


def test_a_session_ends_when_nobody_uses_it(door: FrontDoor) -> None:
    """Used every 29 minutes it goes on; after 30 it is over, which is entered once."""
    browser = door.signed_in()
    for _ in range(3):
        door.clock.pass_by(29 * _MINUTE)
        assert is_in(browser)

    door.clock.pass_by(30 * _MINUTE)

    assert not is_in(browser)
    assert not is_in(browser)
    assert because(door) == ["idle"]


def test_a_session_ends_after_ten_hours_whoever_uses_it(door: FrontDoor) -> None:
    """Also one that was gone over to from another account."""
    browser = door.signed_in()
    for _ in range(23):
        door.clock.pass_by(26 * _MINUTE)
        assert is_in(browser)

    door.clock.pass_by(2 * _MINUTE)

    assert not is_in(browser)
    assert because(door) == ["over"]


def test_whoever_signs_in_notes_which_others_were_left(door: FrontDoor) -> None:
    """So that each is entered, although its browser never comes again."""
    door.signed_in(VISITOR)
    door.clock.pass_by(31 * _MINUTE)

    door.signed_in(TEACHER)

    assert because(door) == ["idle"]


def test_a_sign_in_that_is_not_as_it_was_written_opens_nothing(door: FrontDoor) -> None:
    """Whoever writes to the database cannot keep somebody in whose sign-in was ended."""
    browser = door.signed_in()
    was_in = is_in(browser)

    with door.running.outside.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE sign_in_account SET warranted_by = 'operator:somebody'"))

    assert was_in
    assert not is_in(browser)


def test_a_read_costs_no_write_but_once_a_minute(door: FrontDoor) -> None:
    """Pages are read far more often than that."""
    browser = door.signed_in()

    with statements_of(door.running.portal) as asked:
        for _ in range(6):
            assert is_in(browser)
            door.clock.pass_by(_MINUTE / 4)

    assert len([statement for statement in asked if "UPDATE session" in statement]) == 1


def test_ones_own_sessions_are_listed_and_ended(door: FrontDoor) -> None:
    """One of them, then all others; the one that says so goes on."""
    here, there, third = door.signed_in(), door.browser(), door.browser()
    for browser in (there, third):
        door.sign_in(browser, door.somebody(VISITING, subject=f"subject of {VISITOR}"))
    shown = here.get("/where-you-are-signed-in")
    ends = [form.action for form in shown.tree.forms if form.action.endswith("/end")]

    here.send_raw("/where-you-are-signed-in", ends[0], {})
    after_one = [is_in(browser) for browser in (here, there, third)]
    here.send_raw("/where-you-are-signed-in", "/where-you-are-signed-in/others/end", {})

    assert shown.text.count("Your organisation's account") == 3
    assert len(ends) == 3
    assert after_one.count(True) == 2
    assert [is_in(browser) for browser in (here, there, third)] == [True, False, False]
    assert because(door) == ["by-owner", "by-owner"]


def test_nobody_ends_somebody_elses_by_its_id(door: FrontDoor) -> None:
    """It is as if there were no such session."""
    visitor, teacher = door.signed_in(VISITOR), door.signed_in(TEACHER)
    session = door.services.session(visitor.http.cookies["__Host-tell-once"])
    assert session is not None
    token = teacher.get("/where-you-are-signed-in").tree.xpath("//input[@name='csrf']/@value")[-1]
    form = {"csrf": token}

    teacher.http.post(f"/where-you-are-signed-in/{session.id}/end", data=form)
    refused = [
        teacher.http.get("/who-is-signed-in").status_code,
        teacher.http.post(f"/who-is-signed-in/{VISITOR}/{session.id}/end", data=form).status_code,
    ]

    assert is_in(visitor)
    assert refused == [403, 403]


def test_an_administrator_sees_who_is_signed_in_and_ends_it(door: FrontDoor) -> None:
    """Both are entered in the administrator's name."""
    visitor = door.signed_in(VISITOR)
    with unit_of_work(door.running.portal) as work:
        name = "Ada Orr"
        administrator = a_colleague(work, AGENCY, role=Role.ADMINISTRATOR, name=name)
    secret = door.services.sign_in(administrator)
    admin = door.browser()
    admin.http.cookies.set("__Host-tell-once", secret or "", domain="testserver.local")
    page = admin.get("/who-is-signed-in")
    (end,) = [form.action for form in page.tree.forms if form.action.endswith("/end")]

    admin.send_raw("/who-is-signed-in", end, {})

    assert not is_in(visitor)
    (ended,) = [e for e in door.running.ledger() if e.event is _ENDED]
    assert (ended.actor, ended.fields["practitioner"]) == (f"practitioner:{administrator}", VISITOR)
    assert entered(door, LedgerEvent.SESSIONS_LISTED)[0] == {"results": 2}


def test_who_is_signed_in_comes_page_by_page(door: FrontDoor) -> None:
    """Nobody's session is out of an administrator's reach because others come first by name."""
    with unit_of_work(door.running.portal) as work:
        ada, zoe = (
            a_colleague(work, AGENCY, role=Role.ADMINISTRATOR, name=name)
            for name in ("Ada Orr", "Zoe Vine")
        )
    secrets = [door.services.sign_in(one) for one in (ada, zoe)]
    with door.running.outside.engine.begin() as connection:
        connection.execute(_MANY, {"who": ada, "now": door.clock.now()})
    admin = door.browser()
    admin.http.cookies.set("__Host-tell-once", secrets[0] or "", domain="testserver.local")

    first = admin.get("/who-is-signed-in")
    (following,) = first.tree.xpath("//a[@rel='next']/@href")
    last = admin.get(following)

    assert "Zoe Vine" not in first.text
    assert len(last.tree.xpath("//form[contains(@action, '/end')]")) <= 2
    assert "Zoe Vine" in last.text
    assert last.tree.xpath("//a[@rel='next']") == []


_MANY = text("""
    INSERT INTO session (secret_hash, session_id, practitioner_id, csrf_secret, signed_in_at,
        authenticated_at, last_seen_at, expires_at)
    SELECT decode(md5(n::text), 'hex'), md5(n::text), :who, 'bound', :now, :now, :now,
        CAST(:now AS timestamptz) + interval '1 hour'
    FROM generate_series(1, 200) n
""")


# What a provider says of who signed out there.


def told(
    door: FrontDoor,
    *,
    subject: str | None = f"subject of {VISITOR}",
    session: str | None = None,
    provider: str = CARD,
    ago: timedelta = timedelta(0),
) -> SignedOut:
    """What the provider signs."""
    at = door.clock.now() - ago
    issuer = issuer_of(ProviderKind(provider))
    return SignedOut(issuer, subject, session, "once", at, at + 10 * _MINUTE)


def log_out(door: FrontDoor, said: SignedOut, provider: str = CARD) -> tuple[int, object, str]:
    """Have the provider's server say it; what it is answered."""
    token = door.client.signed_out(provider, said)
    answer = door.browser().http.post(f"/sign-in/logout/{provider}", data={"logout_token": token})
    return answer.status_code, answer.json(), answer.headers["cache-control"]


_TAKEN = (200, {}, "no-store")
_NOT_TAKEN = (400, {"error": "invalid_request"}, "no-store")


def test_who_signed_out_there_is_signed_out_here(door: FrontDoor) -> None:
    """In every browser, at the next click; entered with how many sessions it ended."""
    first, second, other = door.signed_in(), door.browser(), door.signed_in(TEACHER)
    door.sign_in(second, door.somebody(VISITING, subject=f"subject of {VISITOR}", session="b"))

    assert log_out(door, told(door)) == _TAKEN

    assert [is_in(browser) for browser in (first, second, other)] == [False, False, True]
    taken = entered(door, LedgerEvent.PROVIDER_LOGOUT_TAKEN)
    assert taken == [{"provider": CARD, "sessions": 2}]
    assert because(door) == ["by-provider", "by-provider"]


def test_a_session_there_ends_only_what_came_from_it(door: FrontDoor) -> None:
    """With or without the subject beside it."""
    first, second = door.signed_in(), door.browser()
    door.sign_in(second, door.somebody(VISITING, subject=f"subject of {VISITOR}", session="b"))

    assert log_out(door, told(door, subject=None, session="b")) == _TAKEN

    assert [is_in(browser) for browser in (first, second)] == [True, False]


def test_a_session_there_ends_what_may_have_come_from_it(door: FrontDoor) -> None:
    """Where the ID token did not say of which session it was, whoever is named is signed out."""
    first, other = door.signed_in(), door.signed_in(TEACHER)
    untold = door.browser()
    who = door.somebody(VISITING, subject=f"subject of {VISITOR}", session=None)
    door.sign_in(untold, who)

    assert log_out(door, told(door, session="b")) == _TAKEN

    assert [is_in(browser) for browser in (first, untold, other)] == [True, False, True]


@pytest.mark.parametrize("subject", [f"subject of {VISITOR}", "nobody whom we know"])
def test_a_token_is_taken_once(door: FrontDoor, subject: str) -> None:
    """Again it is refused, also about somebody unknown, whose answer is that of anybody."""
    said = told(door, subject=subject)

    answers = [log_out(door, said) for _ in range(2)]

    assert answers == [_TAKEN, _NOT_TAKEN]
    refused = entered(door, LedgerEvent.PROVIDER_LOGOUT_REFUSED)
    assert refused == [{"provider": CARD, "because": "taken-before"}]


def test_what_was_begun_after_the_token_was_made_goes_on(door: FrontDoor) -> None:
    """A token that was kept back ends nothing that came later."""
    browser = door.signed_in()

    assert log_out(door, told(door, ago=2 * _MINUTE)) == _TAKEN

    assert is_in(browser)


def test_a_token_about_nobody_ends_nothing(door: FrontDoor) -> None:
    """Neither subject nor session would be everybody."""
    browser = door.signed_in()

    assert log_out(door, told(door, subject=None)) == _NOT_TAKEN

    assert is_in(browser)


def test_one_provider_ends_nothing_that_came_by_another(door: FrontDoor) -> None:
    """The same subject of another issuer is somebody else."""
    browser = door.signed_in()

    assert log_out(door, told(door, provider=COUNCIL), COUNCIL) == _TAKEN

    assert is_in(browser)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/sign-in/logout/{CARD}", {"data": {"logout_token": "made up"}}),
        (f"/sign-in/logout/{CARD}", {"data": {}}),
        (f"/sign-in/logout/{CARD}", {"json": {"logout_token": "made up"}}),
        (f"/sign-in/logout/{CARD}", {"data": {"logout_token": "x" * 100_000}}),
        ("/sign-in/logout/nobody", {"data": {"logout_token": "made up"}}),
    ],
)
def test_what_is_no_token_is_refused_in_its_own_words(
    door: FrontDoor, path: str, body: dict[str, object]
) -> None:
    """Section 2.8: 400, and nothing to be kept."""
    answer = door.browser().http.post(path, **body)  # type: ignore[arg-type]

    got = answer.status_code, answer.json(), answer.headers["cache-control"]
    assert got == _NOT_TAKEN


def test_nobody_fills_the_ledger_from_outside(door: FrontDoor) -> None:
    """What is refused is counted by provider and reason; that it was too much is entered once."""
    said = told(door)
    with unit_of_work(door.running.portal) as work:
        for _ in range(600):
            work.limits.take("provider-logout:refused", [CARD, "token-unreadable"], 600)
    browser = door.browser()
    for _ in range(3):
        browser.http.post(f"/sign-in/logout/{CARD}", data={"logout_token": "made up"})

    for _ in range(2):
        log_out(door, said)

    refused = entered(door, LedgerEvent.PROVIDER_LOGOUT_REFUSED)
    assert refused == [{"provider": CARD, "because": "taken-before"}]
    assert len(entered(door, LedgerEvent.LIMIT_REACHED)) == 1


def test_what_is_over_is_deleted_an_hour_later(door: FrontDoor) -> None:
    """By whoever sweeps, who reads nothing of it but when."""
    door.signed_in()
    engine = door.running.outside.engine
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE tell_once_aggregation"))
        counts = [
            forget_over(connection, door.clock.now() + timedelta(hours=hours)) for hours in (10, 11)
        ]

    assert counts == [0, 1]
