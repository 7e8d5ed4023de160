"""What mail servers send back: which message could not be delivered (RFC 3464, RFC 3834).

The council's mail server puts what comes to the return path into a folder of the kind Maildir.
Each is read once. One that says of a message of ours that it failed names it by the return path
that was that message's own, or by the Message-ID that it gives back; the rest says nothing to us.
Nothing in such mail is trusted further: whoever knows a reference can say that a message failed,
and then somebody rings, which is no harm.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from pathlib import Path

_REFERENCE = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})(?=@)")
_LARGEST = 1024 * 1024
_ADDRESSED = ("Delivered-To", "X-Original-To", "To")
_FAILED = "failed"
_GIVEN_BACK = frozenset({"message/rfc822", "text/rfc822-headers"})


@dataclass(frozen=True, slots=True)
class Bounced:
    """A message of ours that was not delivered, by its reference, and the status (RFC 3463)."""

    reference: str
    status: str


def read_bounces(folder: Path) -> Iterator[tuple[Path, Sequence[Bounced]]]:
    """What is new in a Maildir, each file with what it says, the oldest first.

    Whoever has kept what it says lays it aside (`laid_aside`).
    """
    found: list[tuple[float, Path]] = []
    with suppress(FileNotFoundError):
        for path in (folder / "new").iterdir():
            with suppress(FileNotFoundError):
                found.append((path.stat().st_mtime, path))
    for _, path in sorted(found):
        with suppress(FileNotFoundError), path.open("rb") as file:
            content = file.read(_LARGEST)
            yield path, bounces_in(content)


def laid_aside(path: Path, *, was_ours: bool) -> None:
    """Delete what was about a message of ours, as it holds somebody's address; keep the rest."""
    if was_ours:
        path.unlink(missing_ok=True)
        return
    seen = path.parent.parent / "cur" / f"{path.name}:2,S"
    seen.parent.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileNotFoundError):
        path.rename(seen)


def bounces_in(content: bytes) -> Sequence[Bounced]:
    """Which messages of ours a mail says could not be delivered; none where it says no such thing.

    That a message is delayed, was read, or that somebody is on holiday is not that it failed.
    """
    mail = BytesParser(_class=EmailMessage, policy=policy.compat32).parsebytes(content)
    statuses = list(_failures(mail))
    if not statuses:
        return []
    reference = _of_the_return_path(mail) or _given_back(mail)
    return [] if reference is None else [Bounced(reference, statuses[0])]


def _failures(mail: Message) -> Iterator[str]:
    """The status of each recipient that a delivery status calls failed."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for group in part.get_payload() if part.is_multipart() else ():
            if isinstance(group, Message):
                action = str(group.get("Action", "")).strip().lower()
                status = re.fullmatch(r"\s*([245](?:\.\d{1,3}){2})\b.*", str(group.get("Status")))
                if action == _FAILED:
                    yield status[1] if status else "5.0.0"


def _of_the_return_path(mail: Message) -> str | None:
    for name in _ADDRESSED:
        for value in mail.get_all(name, ()):
            found = re.search(r"\+([0-9a-f]{32})@", str(value))
            if found:
                return found[1]
    return None


def _given_back(mail: Message) -> str | None:
    """The Message-ID of what was sent, as the mail server gives it back."""
    for part in mail.walk():
        if part.get_content_type() not in _GIVEN_BACK:
            continue
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else payload
        said = inner.get("Message-ID", "") if isinstance(inner, Message) else _headers_in(inner)
        found = _REFERENCE.search(str(said))
        if found:
            return found[1]
    return None


def _headers_in(text: object) -> str:
    for line in str(text).splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "message-id":
            return value
    return ""
