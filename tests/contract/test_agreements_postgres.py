"""Agreements in PostgreSQL keep the contract."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from schemas.identifiers import PersonId
from services.decisions.postgres_agreements import PostgresAgreements
from services.work import Outside, UnitOfWork, unit_of_work
from tests.contract.agreements_contract import AgreementsContract
from tests.support.builders import NOW, a_permit, a_refusal
from tests.support.fakes.in_process import by_number

pytestmark = pytest.mark.postgres

NUMBERS = ("9990000018", "9990000026", "9990000034")


@dataclass
class _World:
    agreements: PostgresAgreements
    persons: Sequence[PersonId]


class TestPostgresAgreements(AgreementsContract):
    """The contract, in a database, with the rights of its owner."""

    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[_World]:
        """Give three persons, of whom two are decided about twice, and one who is not."""
        with unit_of_work(outside) as work:
            yield _World(work.agreements, _decide_about_three(work))


def _decide_about_three(work: UnitOfWork) -> Sequence[PersonId]:
    persons = [work.persons.resolve_or_create(by_number(n), at=NOW) for n in NUMBERS]
    work.persons.resolve_or_create(by_number("9990000042"), at=NOW)
    work.decisions.save(a_permit(subjects=persons), at=NOW, actor="job:test")
    work.decisions.save(a_refusal(subjects=persons[:2]), at=NOW, actor="job:test")
    return persons
