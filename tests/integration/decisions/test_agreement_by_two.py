"""Adopting an agreement where families are real: two officers, who hold the same file."""

from collections.abc import Iterator

import pytest

from consent.agreements.adopting import AdoptAgreement, Adopted
from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Source
from services.decisions.adopting import (
    AdoptingByTwo,
    WhyNotAdopted,
    ask_adoption,
    confirm_adoption,
    decline_adoption,
)
from services.people.governance.orders import NotTheirs, Order
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.builders import a_rule, an_agreement
from tests.support.consents.agreements import file_of
from tests.support.fakes.in_process import InProcess

pytestmark = pytest.mark.postgres
ONE, OTHER = "operator:one", "operator:other"
WIDER = file_of(an_agreement(a_rule(), version="wider"))
ANOTHER = file_of(an_agreement(a_rule(agencies=[Source.SCHOOLS]), version="wider"))


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _by_two(work: UnitOfWork) -> AdoptingByTwo:
    return AdoptingByTwo(work.adopting(), work.orders, work.now)


def _ask(running: InProcess) -> Order:
    with unit_of_work(running.outside) as work:
        asked = ask_adoption(AdoptAgreement(WIDER, ONE), by_two=_by_two(work))
    assert isinstance(asked, Order)
    return asked


def _versions(running: InProcess) -> list[str]:
    with unit_of_work(running.portal) as work:
        return [one.agreement.version for one in work.agreements.adoptions()]


def test_it_is_adopted_once_another_brings_the_same_file(running: InProcess) -> None:
    """By who confirmed; the order says who asked. Until then nothing has changed."""
    order = _ask(running)
    before = _versions(running)
    with unit_of_work(running.outside) as work:
        adopted = confirm_adoption(order.id, WIDER, by=OTHER, by_two=_by_two(work))

    assert before == ["test-1"]
    assert isinstance(adopted, Adopted)
    assert adopted.adoption.adopted_by == OTHER
    assert _versions(running) == ["test-1", "wider"]
    assert running.ledger(LedgerEvent.AGREEMENT_ADOPTED)


def test_another_file_is_not_what_was_asked_for(running: InProcess) -> None:
    """Though it has the same version; nor does whoever asked confirm. Both are entered."""
    order = _ask(running)
    with unit_of_work(running.outside) as work:
        other = confirm_adoption(order.id, ANOTHER, by=OTHER, by_two=_by_two(work))
        own = confirm_adoption(order.id, WIDER, by=ONE, by_two=_by_two(work))

    assert (other, own) == (WhyNotAdopted.ANOTHER_FILE, NotTheirs.ASKED_IT)
    assert _versions(running) == ["test-1"]
    refused = running.ledger(LedgerEvent.ORDER_ANSWER_REFUSED)
    assert [entry.actor for entry in refused] == [OTHER, ONE]


def test_what_was_declined_is_not_confirmed_any_more(running: InProcess) -> None:
    """Nor what is no order of this kind."""
    order = _ask(running)
    with unit_of_work(running.outside) as work:
        decline_adoption(order.id, by=OTHER, by_two=_by_two(work))
        late = confirm_adoption(order.id, WIDER, by=OTHER, by_two=_by_two(work))
        nothing = confirm_adoption("0" * 32, WIDER, by=OTHER, by_two=_by_two(work))

    assert (late, nothing) == (NotTheirs.ANSWERED, NotTheirs.NOT_THERE)
    assert _versions(running) == ["test-1"]
