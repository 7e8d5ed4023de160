"""Where a message of HTTP ends is never in doubt (RFC 9112 section 6.3; ASVS 4.2.1)."""

import httptools
import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.platform.processes.connections import Connection

_HEAD = b"POST /sign-in HTTP/1.1\r\nHost: exbury.example\r\n"


class _Taken:
    """What the parser takes of what it is fed."""

    def __init__(self) -> None:
        self.body, self.complete = b"", 0

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.complete += 1


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n4\nabcd\r\n0\r\n\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"Content-Length: +4\r\n\r\nabcd",
        b"Content-Length : 4\r\n\r\nabcd",
    ],
)
def test_a_message_of_two_lengths_is_none(rest: bytes) -> None:
    """Else what stands before us and we might each see another request in it."""
    with pytest.raises(httptools.HttpParserError):
        httptools.HttpRequestParser(_Taken()).feed_data(_HEAD + rest)


def test_one_of_one_length_is_read_to_its_end() -> None:
    """By the parser by which every connection is read."""
    taken = _Taken()

    httptools.HttpRequestParser(taken).feed_data(_HEAD + b"Content-Length: 4\r\n\r\nabcd")

    assert (taken.complete, taken.body) == (1, b"abcd")
    assert issubclass(Connection, HttpToolsProtocol)
