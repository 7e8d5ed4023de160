"""The fake mailbox keeps the contract of the real one."""

import pytest

from services.platform.mailbox.ports import Mailbox
from tests.contract.mailbox_contract import MailboxContract
from tests.support.fakes.fake_mailbox import FakeMailbox


class TestFakeMailbox(MailboxContract):
    """The contract, in memory."""

    @pytest.fixture
    def mailbox(self) -> FakeMailbox:
        """Give an empty mailbox."""
        self._mailbox = FakeMailbox()
        return self._mailbox

    def leave(self, content: bytes, workflow: str | None = "VACCINATIONS_1") -> str:
        """Put it in."""
        return self._mailbox.put(content, workflow=workflow)

    def lose(self, message_id: str) -> None:
        """Have it gone."""
        self._mailbox.gone.add(message_id)

    def go_away(self) -> Mailbox:
        """Give one that is away."""
        mailbox = FakeMailbox()
        mailbox.is_away = True
        return mailbox
