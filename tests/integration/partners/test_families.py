"""A family on a partner's own screens: what a page would show, recorded as a page would be."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from consent.ledger.events import LedgerEvent
from consent.model import Response as Answer
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role
from services.interfaces.families.text import document_from_profile
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.partners import NORTHFIELD
from tests.support.people.families import FamiliesOnDatabase, a_known_family, families_on
from tests.support.people.joined import make_one
from tests.support.people.relating import relate
from tests.support.statements import statements_of
from tests.support.traces.canaries import NAME
from tests.support.waiting import GENEROUS, eventually

pytestmark = pytest.mark.postgres

_NOBODY = "99" * 16
_STRANGER = PractitionerId("5b" * 16)


@pytest.fixture
def families(outside: Outside) -> Iterator[FamiliesOnDatabase]:
    """Give the families interface over the main job on an empty database."""
    with InProcess.running(outside) as running, families_on(running) as found:
        yield found


def _as_a_stranger(families: FamiliesOnDatabase, *, to_be_restricted: PersonId) -> dict[str, str]:
    """Name a colleague who works with nobody but somebody restricted."""
    entry = (_STRANGER, "A colleague", Role.PRACTITIONER, "Worker", AGENCY, None, None)
    with unit_of_work(families.running.portal) as work:
        work.directory.save_practitioner(PractitionerEntry(*entry, Purpose.DIRECT_CARE))
        relate(work, _STRANGER, to_be_restricted)
    families.running.restrict(to_be_restricted)
    return families.token(who=_STRANGER)


def test_a_partner_is_shown_what_the_page_would_show(families: FamiliesOnDatabase):
    """Field for field, without the moment."""
    child, _ = a_known_family(families.running)

    answer = families.get(child)

    page = families.running.read(child)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == document_from_profile(page)  # type: ignore[arg-type]
    assert NAME in answer.text


def test_the_look_says_who_looked_and_through_which_partner(families: FamiliesOnDatabase):
    """In the one entry of the reading, which is that of any reading otherwise."""
    child, mother = a_known_family(families.running)

    families.get(child)

    named, read = families.running.ledger(
        LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED,
        LedgerEvent.PROFILE_REQUESTED_BY_PARTNER,
        LedgerEvent.PROFILE_READ,
        LedgerEvent.PROFILE_READ_THROUGH_PARTNER,
    )
    assert named.actor == f"partner:{NORTHFIELD}"
    assert read.actor == f"practitioner:{VISITOR}"
    assert (read.fields["partner"], read.fields["purpose"]) == (NORTHFIELD, "direct-care")
    assert set(read.fields["subjects"]) == {child, mother}  # type: ignore[arg-type]
    with unit_of_work(families.running.portal) as work:
        (look,) = work.looks.of(child, most=9)
    assert (look.through, look.permitted, look.practitioner_name) == (NORTHFIELD, True, "A worker")


def test_a_withdrawal_refuses_the_very_next_answer(families: FamiliesOnDatabase):
    """With a token that was good a moment before, and with what it had before."""
    child, _ = a_known_family(families.running)
    headers = families.token()
    before = families.get(child, headers)

    families.running.decide(child, response=Answer.REFUSED)
    after = families.get(child, headers, **{"If-None-Match": before.headers["etag"]})

    assert (before.status_code, after.status_code) == (200, 403)
    assert [e["reason"] for e in after.json()["errors"]] == ["no-right"]
    assert NAME not in after.text


def test_all_strangers_are_told_the_same(families: FamiliesOnDatabase):
    """The same bytes: unknown, unrelated, restricted, no id at all; why is on the ledger."""
    child, mother = a_known_family(families.running)
    headers = _as_a_stranger(families, to_be_restricted=mother)

    asked = [child, mother, _NOBODY, "nhs-number:9990000018", "0"]
    answers = [families.get(place, headers) for place in asked]

    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["type"] == "urn:tell-once:problem:family-not-shown"
    assert [e["reason"] for e in answers[0].json()["errors"]] == ["no-right"]
    refused = families.running.ledger(LedgerEvent.PROFILE_READ_THROUGH_PARTNER_REFUSED)
    assert [entry.fields["reasons"] for entry in refused] == [
        ("no-relationship",),
        ("restricted",),
        *[("no-relationship",)] * 3,
    ]


def test_the_same_statements_are_executed_whoever_is_asked_for(families: FamiliesOnDatabase):
    """Nobody learns who is known by waiting; nor by the moment at which it leaves."""
    child, mother = a_known_family(families.running)
    headers, executed = _as_a_stranger(families, to_be_restricted=mother), []

    for place in (_NOBODY, child, mother, "0", "%ED%A0%80"):
        with statements_of(families.running.portal) as found:
            families.get(place, headers)
        executed.append(tuple(found))

    assert len(set(executed)) == 1, [len(one) for one in executed]
    assert any("FROM members" in statement for statement in executed[0])


@pytest.mark.parametrize("is_granted", [True, False])
def test_why_is_told_only_to_whom_two_officers_let_have_it(
    families: FamiliesOnDatabase,
    is_granted: bool,  # noqa: FBT001
):
    """To somebody who may ask at all; each time it is entered."""
    child, _ = a_known_family(families.running)
    families.running.decide(child, response=Answer.REFUSED)
    families.token()
    if is_granted:
        families.partners.grant_reasons()

    answer = families.get(child)
    stranger = families.get(_NOBODY)

    told = "refused" if is_granted else "no-right"
    assert [e["reason"] for e in answer.json()["errors"]] == [told]
    assert [e["reason"] for e in stranger.json()["errors"]] == ["no-right"]
    explained = families.running.ledger(LedgerEvent.ACCESS_EXPLAINED)
    assert [entry.fields["person"] for entry in explained] == [child] * is_granted


def test_the_purpose_is_that_of_the_token(families: FamiliesOnDatabase):
    """What nobody permitted for it is refused, with an entry of the refusal and of the look."""
    child, _ = a_known_family(families.running)
    headers = families.token(purpose=Purpose.SERVICE_IMPROVEMENT)

    answer = families.get(child, headers)

    assert answer.status_code == 403
    assert [e["reason"] for e in answer.json()["errors"]] == ["no-right"]
    (refused,) = families.running.ledger(LedgerEvent.PROFILE_READ_THROUGH_PARTNER_REFUSED)
    assert refused.fields["purpose"] == "service-improvement"
    with unit_of_work(families.running.portal) as work:
        (look,) = work.looks.of(child, most=9)
    assert (look.through, look.permitted) == (NORTHFIELD, False)


def test_without_a_ledger_nothing_is_shown(families: FamiliesOnDatabase):
    """And nothing personal is in what is said instead."""
    child, _ = a_known_family(families.running)
    headers = families.token()
    families.running.break_the_ledger()

    answer = families.get(child, headers)

    assert answer.status_code == 503
    assert NAME not in answer.text


def test_a_token_that_names_somebody_is_short(families: FamiliesOnDatabase):
    """Ten minutes, as it says itself."""
    child, _ = a_known_family(families.running)
    answer = families.token_answer()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    families.partners.pass_by(timedelta(minutes=9, seconds=59))
    last = families.get(child, headers)
    families.partners.pass_by(timedelta(seconds=1))
    over = families.get(child, headers)

    assert (answer.json()["expires_in"], answer.json()["scope"]) == (600, "families:read")
    assert (last.status_code, over.status_code) == (200, 401)


@pytest.mark.parametrize("is_joined", [False, True])
def test_who_is_suspended_while_their_call_waits_is_shown_nothing(
    families: FamiliesOnDatabase,
    is_joined: bool,  # noqa: FBT001
):
    """The token was found good, then suspended: also of a child who is one with another."""
    child, mother = a_known_family(families.running)
    if is_joined:
        with unit_of_work(families.running.portal) as work:
            make_one(work, child, mother)
    headers = families.token()
    assert families.get(child, headers).status_code == 200

    with ThreadPoolExecutor(1) as pool, families.running.outside.engine.connect() as suspending:
        suspending.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), _THEM)
        waiting = pool.submit(families.get, child, headers)
        assert eventually(lambda: _are_waiting(families) == 1)
        with families.running.outside.engine.begin() as connection:
            connection.execute(text("UPDATE partner SET suspended_at = now()"))
        suspending.rollback()
        answer = waiting.result(timeout=GENEROUS)

    assert answer.status_code == 401
    assert NAME not in answer.text


_THEM = {"what": f"partner:{NORTHFIELD}"}


def _are_waiting(families: FamiliesOnDatabase) -> int:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with families.running.outside.engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())
