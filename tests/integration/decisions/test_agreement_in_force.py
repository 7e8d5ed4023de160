"""The agreement in force: at the next read, before the next publication, and in what is stored."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from consent import Reason
from consent.agreement import Agreement
from consent.errors import AgreementInvalidError
from consent.ledger.events import LedgerEvent
from consent.model import Mode
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.bootstrap import DatabaseRole
from services.profile.model import Profile, ProfileRefused, SourceState
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, NOW, a_rule, an_agreement
from tests.support.consents.agreements import an_adoption
from tests.support.fakes.in_process import InProcess, acting_for, by_number, ids_of
from tests.support.fixtures.fixtures_ledger import acting_as
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_child

pytestmark = pytest.mark.postgres

A_MESSAGE = a_message("m1", a_record("r1"), a_record("w1", A_VISITOR, Category.PRACTITIONERS))
NOT_HEALTH = an_agreement(
    a_rule(categories=set(Category) - {Category.CHILD_HEALTH}), version="without-health"
)
ONLY_SCHOOLS = an_agreement(a_rule(agencies=[Source.SCHOOLS]), version="only-schools")


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _stored(running: InProcess) -> PersonId:
    (person,) = running.decide(the_child()).decision.subjects
    running.receive(A_MESSAGE)
    running.settle()
    assert len(running.stored(person)) == 2
    return person


def _adopt_tomorrow(running: InProcess, agreement: Agreement, **more: bool) -> None:
    running.outside.clock.pass_by(DAY)
    running.adopt(agreement, **more)


def test_a_narrower_agreement_refuses_the_very_next_read(running: InProcess):
    """Before anything is purged; the look names both the rules and the agreement."""
    person = _stored(running)
    assert isinstance(running.read(person), Profile)

    _adopt_tomorrow(running, ONLY_SCHOOLS)
    refused = running.read(person)

    assert refused == ProfileRefused((Reason.POLICY_DENIES,), "rules-2026-11-29+only-schools")
    (entry,) = running.ledger(LedgerEvent.PROFILE_READ_REFUSED)
    assert entry.fields["policy_version"] == "rules-2026-11-29+only-schools"


def test_what_is_no_longer_agreed_is_purged(running: InProcess):
    """As after a decision; the purge names the adoption as its cause."""
    person = _stored(running)

    adopted = running.adopt(NOT_HEALTH)
    running.settle()

    assert [r.category for r in running.stored(person)] == [Category.PRACTITIONERS]
    (purge,) = running.ledger(LedgerEvent.PROFILE_PURGED)
    assert purge.fields["decision"] == adopted.adoption.id
    assert adopted.persons == 1


def test_what_was_published_before_and_is_not_agreed_on_now_is_not_stored(running: InProcess):
    """It was on its way when the agreement was adopted."""
    (person,) = running.decide(the_child()).decision.subjects
    running.receive(A_MESSAGE)

    running.adopt(NOT_HEALTH)
    running.settle()

    assert [r.category for r in running.stored(person)] == [Category.PRACTITIONERS]
    (refused,) = running.ledger(LedgerEvent.STORING_REFUSED)
    assert refused.fields["reasons"] == (Reason.POLICY_DENIES,)


def test_what_is_not_agreed_on_is_withheld_and_comes_by_itself_once_it_is(
    running: InProcess, tmp_path: Path
):
    """From the agency's own store, by the same permit as before."""
    file = tmp_path / "visit.xml"
    file.write_bytes(professional_contact(APerson(nhs_number="9990000018")))
    running.adopt(
        an_agreement(version="none", valid_until=date(2026, 1, 1)), although_not_valid=True
    )
    (person,) = running.decide(by_number("9990000018", born=None)).decision.subjects

    (row,) = running.ingest(Source.HEALTH_VISITING, file)
    running.settle()
    assert row.message.reason == "policy-denies"
    assert running.stored(person) == []

    _adopt_tomorrow(running, an_agreement(version="everything"))
    running.settle()

    assert running.stored(person) != []
    withheld, published = running.ledger(
        LedgerEvent.PUBLICATION_WITHHELD, LedgerEvent.PUBLICATION_PERMITTED
    )
    assert withheld.fields["policy_version"] == "rules-2026-11-29+no-agreement"
    assert published.fields["policy_version"] == "rules-2026-11-29+everything"


def test_what_was_purged_for_want_of_an_agreement_comes_again_under_a_wider_one(
    running: InProcess,
):
    """It is no duplicate, and the same record by the same permit."""
    person = _stored(running)
    running.adopt(NOT_HEALTH)
    running.settle()

    _adopt_tomorrow(running, an_agreement(version="everything"))
    again = running.receive(A_MESSAGE)
    running.settle()

    assert ids_of(again) == ["published"]
    assert len(running.stored(person)) == 2


def test_nobody_known_is_withheld_under_the_agreement_that_is_in_force(running: InProcess):
    """Also where there is nothing on record that could name it."""
    running.receive(A_MESSAGE)

    (withheld,) = running.ledger(LedgerEvent.PUBLICATION_WITHHELD)
    assert withheld.fields["reasons"] == (Reason.NO_SUBJECT,)
    assert withheld.fields["policy_version"] == "rules-2026-11-29+test-1"


def test_a_source_that_the_agreement_leaves_out_says_so(running: InProcess):
    """The same of every family: to tell it hints at nothing."""
    person = _stored(running)
    of_health = a_rule(sources=[Source.HEALTH_VISITING])
    known_of_schools = a_rule(sources=[Source.SCHOOLS], modes=[Mode.EXISTENCE])
    running.adopt(an_agreement(of_health, known_of_schools, version="some-sources"))

    profile = running.read(person)

    assert isinstance(profile, Profile)
    states = {status.source: status.state for status in profile.sources}
    assert states[Source.SOCIAL_CARE] is SourceState.LEFT_OUT
    assert states[Source.FAMILY_HUB] is SourceState.LEFT_OUT
    assert states[Source.HEALTH_VISITING] is SourceState.HAS_RECORDS
    assert states[Source.SCHOOLS] is not SourceState.LEFT_OUT


def test_for_a_purpose_that_nobody_agreed_on_nothing_is_shown(running: InProcess):
    """Whatever the family decided."""
    person = _stored(running)
    running.decide(person, purposes=list(Purpose))
    direct_care = a_rule(purposes=[Purpose.DIRECT_CARE])
    running.adopt(an_agreement(direct_care, version="direct-care"))

    refused = running.read(person, Purpose.SERVICE_IMPROVEMENT)

    assert isinstance(refused, ProfileRefused)
    assert refused.reasons == (Reason.POLICY_DENIES,)
    assert isinstance(running.read(person), Profile)


@pytest.mark.parametrize("role", [r for r in DatabaseRole if r is not DatabaseRole.OWNER])
def test_no_process_can_adopt_an_agreement_by_itself(outside: Outside, role: DatabaseRole):
    """Whoever breaks into one cannot widen what it decides by."""
    adoption = an_adoption(an_agreement(version="mine"), NOW)

    with (
        acting_for(outside, role) as own,
        pytest.raises(AgreementInvalidError, match="owner"),
        unit_of_work(own) as work,
    ):
        work.agreements.add(adoption)


@pytest.mark.parametrize("role", [role.value for role in DatabaseRole])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE data_sharing_agreement SET document = ''",
        "DELETE FROM data_sharing_agreement",
        "TRUNCATE data_sharing_agreement",
    ],
)
def test_what_was_adopted_is_kept_as_it_was(outside: Outside, role: str, change: str):
    """By its owner too: past answers must be given again."""
    with acting_as(outside.engine, role) as connection, pytest.raises(ProgrammingError):
        connection.execute(text(change))
