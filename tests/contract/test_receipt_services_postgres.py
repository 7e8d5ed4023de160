"""The real service behind the pages keeps the promises about receipts, and they hold."""

from collections.abc import Iterator

import pytest

from services.ledger.postgres_access import LedgerAccess
from services.work import Outside
from tests.contract.receipt_services_contract import ReceiptServicesContract, World
from tests.support.fakes.in_process import InProcess
from tests.support.ledger.ledger_builders import SIGNER
from tests.support.portal.portal_world_on_database import a_world_on_database


@pytest.mark.postgres
class TestReceiptsOnDatabase(ReceiptServicesContract):
    @pytest.fixture
    def world(self, outside: Outside) -> Iterator[World]:
        with InProcess.running(outside) as self.running:
            yield a_world_on_database(self.running)

    def settle(self, world: World) -> None:  # noqa: ARG002 one database a test
        LedgerAccess(self.running.relay.engine, signer=SIGNER).integrate()
