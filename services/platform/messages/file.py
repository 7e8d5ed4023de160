"""Messages into a file, for the demonstration: who runs it sees what would have been sent."""

import json
import os
from collections.abc import Collection
from pathlib import Path

from services.platform.messages.ports import Message, MessageChannel, MessageNotSentError

_NAME = "messages.jsonl"


class FileMessages:
    """One line of JSON a message, appended; readable by its owner alone. Sends nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def channels(self) -> Collection[MessageChannel]:
        """All that there are."""
        return frozenset(MessageChannel)

    def send(self, message: Message, *, reference: str) -> None:
        """Write it down."""
        line = json.dumps(
            {
                "reference": reference,
                "channel": message.channel.value,
                "to": message.to,
                "text": message.text,
                **({"subject": message.subject} if message.subject else {}),
            },
            ensure_ascii=False,
        )
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._append(f"{line}\n".encode())
        except OSError:
            raise MessageNotSentError("file-not-written") from None

    def _append(self, line: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        handle = os.open(self._folder / _NAME, flags, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
