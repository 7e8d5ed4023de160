"""What mail servers send back is read for one thing: which message of ours failed."""

from pathlib import Path

import pytest

from services.platform.messages.bounces import Bounced, bounces_in, laid_aside, read_bounces
from tests.support.message_servers import a_bounce

REFERENCE = "0af1" * 8
SENDER = f"return+{REFERENCE}@northfield.example"
MESSAGE_ID = f"<{REFERENCE}@northfield.example>"
GONE = "nobody@st-aldhelms.example"


def test_bounce_names_its_message_by_the_return_path():
    """Even where the mail server gives nothing back of what was sent."""
    found = bounces_in(a_bounce(SENDER, GONE, ""))

    assert found == [Bounced(REFERENCE, "5.1.1")]


def test_bounce_names_its_message_by_what_is_given_back():
    """Where mail servers on the way did away with what was after the plus."""
    found = bounces_in(a_bounce("return@northfield.example", GONE, MESSAGE_ID))

    assert found == [Bounced(REFERENCE, "5.1.1")]


def test_whole_message_given_back_is_read_as_its_headers_are():
    """RFC 3462: the third part may be all of it."""
    told = a_bounce("return@northfield.example", GONE, MESSAGE_ID)
    whole = told.replace(b"text/rfc822-headers", b"message/rfc822")

    assert bounces_in(whole) == [Bounced(REFERENCE, "5.1.1")]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_no_failure_is_none(action: str):
    """A server that still tries has not failed."""
    assert bounces_in(a_bounce(SENDER, GONE, MESSAGE_ID, action=action)) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\xff\xfe",
        b"To: return+" + REFERENCE.encode() + b"@northfield.example\r\n\r\nI am on holiday.",
        a_bounce("return@northfield.example", GONE, "<somebody-elses@example>"),
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed",
    ],
    ids=["empty", "no mail", "holiday", "somebody else's", "nothing around it"],
)
def test_anything_else_says_nothing_to_us(content: bytes):
    """Nor does it stop the reader."""
    assert bounces_in(content) == []


def test_folder_is_read_once_and_what_was_ours_is_deleted(tmp_path: Path):
    """It holds somebody's address; what is not ours is kept for whoever reads that mailbox."""
    new = tmp_path / "new"
    new.mkdir()
    (new / "1").write_bytes(a_bounce(SENDER, GONE, MESSAGE_ID))
    (new / "2").write_bytes(b"Subject: hello\r\n\r\nAnybody there?")

    for path, found in read_bounces(tmp_path):
        laid_aside(path, was_ours=bool(found))

    assert list(read_bounces(tmp_path)) == []
    assert [path.name for path in (tmp_path / "cur").iterdir()] == ["2:2,S"]


def test_folder_that_is_not_there_has_nothing_in_it(tmp_path: Path):
    """The mail server makes it with the first bounce."""
    assert list(read_bounces(tmp_path / "none")) == []
