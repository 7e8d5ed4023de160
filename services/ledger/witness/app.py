"""A witness of other people's logs over HTTP, with its key file and the logs that it looks after.

It has one call, as c2sp.org/tlog-witness has it, and nothing else.
"""

import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, assert_never

from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from consent.errors import NoteMalformedError, WitnessForgetfulError
from consent.transparency.signed_note import NoteSignature
from consent.transparency.verifier_key import SignatureType, VerifierKey, decode_base64
from consent.transparency.witness import (
    SIZE_CONTENT_TYPE,
    Cosigner,
    KnownLogs,
    Refused,
    WitnessRefusal,
)
from services.platform.durable_files import create_durably
from services.platform.errors import KeyUnusableError, ServiceError

# 63 lines of proof and 16 signatures, of which a post-quantum one takes nearly 5 kB, many times.
_MOST_BYTES = 256 * 1024

Answer = Callable[[bytes], NoteSignature | Refused]
"""Answers the body of an add-checkpoint request; durable before it returns."""


def create_witness_app(answer: Answer) -> FastAPI:
    """Make the interface over the function that answers one request."""
    app = FastAPI(title="Tell Once witness", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/add-checkpoint")
    def add_checkpoint(content: Annotated[bytes, Depends(_read_body)]) -> Response:
        answered = answer(content)
        if isinstance(answered, NoteSignature):
            return PlainTextResponse(str(answered))
        return _refuse(answered)

    app.add_exception_handler(HTTPException, _other)
    app.add_exception_handler(WitnessForgetfulError, _failed)
    app.add_exception_handler(Exception, _failed)
    return app


async def _read_body(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise HTTPException(413)
    return bytes(content)


def _refuse(refused: Refused) -> Response:
    status = _status_of(refused.why)
    if status == 409 and refused.seen is not None:  # noqa: PLR2004 the status that tells a size
        # Exactly this type, as clients compare it: media_type= would add a charset.
        return Response(f"{refused.seen.size}\n", status, {"Content-Type": SIZE_CONTENT_TYPE})
    return PlainTextResponse(f"{refused.why}\n", status)


def _status_of(why: WitnessRefusal) -> int:
    match why:
        case WitnessRefusal.MALFORMED | WitnessRefusal.OLD_SIZE_TOO_LARGE:
            return 400
        case WitnessRefusal.UNTRUSTED:
            return 403
        case WitnessRefusal.UNKNOWN_LOG:
            return 404
        case WitnessRefusal.OTHER_SIZE_SEEN | WitnessRefusal.OTHER_TREE_SEEN:
            return 409
        case WitnessRefusal.NOT_PROVED:
            return 422
        case _:
            assert_never(why)


def _other(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("the request cannot be answered\n", status_code=status)


def _failed(request: Request, error: Exception) -> Response:
    del request, error
    return PlainTextResponse("nothing was cosigned; try again later\n", status_code=500)


# The logs that it looks after, as its operator names them.

_HEADER = "logs/v0"
_LINE = re.compile(r"(\S+)[ \t]+(.*)")
_IGNORED = frozenset({"bastion", "qpd", "contact"})
_SAME_AS_KEY = "none"


class UnknownLogFormatError(ServiceError):
    """A log is named in a way that this program does not know; says where."""


def known_logs(named: Iterable[tuple[str, VerifierKey]]) -> KnownLogs:
    """Put together what was named; a log with several keys may sign with any of them.

    Raises UnknownLogFormatError for a key that no log signs with, or for no log at all.
    """
    logs: dict[str, list[VerifierKey]] = {}
    for origin, key in named:
        if not key.may_sign_logs:
            raise UnknownLogFormatError(f"{key.label} is a witness' key, not a log's")
        logs.setdefault(origin, []).append(key)
    if not logs:
        raise UnknownLogFormatError("name the logs to look after, with --origin or --logs")
    return logs


def parse_origin(text: str) -> tuple[str, VerifierKey]:
    """Read `ORIGIN=VERIFIER_KEY`, or a verifier key alone, whose name is then the origin.

    An origin may have an equals sign, and so may the key: the first split that leaves a key is
    the one that is meant. Raises UnknownLogFormatError.
    """
    places = [match.start() for match in re.finditer("=", text)]
    for origin, rest in [("", text), *((text[:n], text[n + 1 :]) for n in places)]:
        try:
            key = VerifierKey.parse(rest)
        except NoteMalformedError:
            continue
        return origin or key.name, key
    raise UnknownLogFormatError("a log is named as ORIGIN=VERIFIER_KEY, with its own key's hash")


def parse_log_list(text: str) -> Iterator[tuple[str, VerifierKey]]:
    """Read a log list as public witness networks write it: `logs/v0`, then `vkey` and `origin`.

    Raises UnknownLogFormatError, which names the line.
    """
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines or lines[0][1] != _HEADER:
        raise UnknownLogFormatError(f"a log list begins with the line {_HEADER}")
    key: VerifierKey | None = None
    for number, line in lines[1:]:
        match = _LINE.fullmatch(line)
        word, value = match.groups() if match else (line, "")
        if word == "vkey":
            if key is not None:
                yield key.name, key
            key = _parse_key(value, number)
        elif word == "origin" and key is not None:
            yield (key.name if value == _SAME_AS_KEY else value), key
            key = None
        elif word not in _IGNORED:
            raise UnknownLogFormatError(f"line {number} of the log list is of no known kind")
    if key is not None:
        yield key.name, key


def _parse_key(text: str, number: int) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except NoteMalformedError as error:
        raise UnknownLogFormatError(f"line {number} of the log list: {error}") from None


# Its key, in a file of its own: one line, readable by its owner only.

# As Go's note package writes private keys, with the signature type of a cosigner.
_KEY_LINE = re.compile(r"PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([0-9A-Za-z+/=]+)\n?")


def make_witness_key(path: Path, name: str) -> Cosigner:
    """Make a new key under this name and keep it in a new file.

    Raises KeyUnusableError when there is such a file already, or the name is none.
    """
    try:
        cosigner = Cosigner(name, secrets.token_bytes(32))
        create_durably(path, _line_of(cosigner))
    except FileExistsError:
        raise KeyUnusableError(f"{path.name} is there already; a key is made once") from None
    except OSError as error:
        raise KeyUnusableError(f"{path.name} cannot be written: {error.strerror}") from error
    except NoteMalformedError as error:
        raise KeyUnusableError(str(error)) from None
    return cosigner


def read_witness_key(path: Path) -> Cosigner:
    """Read a key that was made here; raises KeyUnusableError."""
    try:
        line = _KEY_LINE.fullmatch(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise KeyUnusableError(f"{path.name} cannot be read; --new-key makes one") from None
    if line is None:
        raise KeyUnusableError(f"{path.name} is not the key of a witness; --new-key makes one")
    try:
        cosigner = _cosigner_of(line[1], decode_base64(line[3], what=path.name))
    except (NoteMalformedError, ValueError):
        raise KeyUnusableError(f"{path.name} is damaged; restore it") from None
    if cosigner.verifier_key.key_id.hex() != line[2]:
        raise KeyUnusableError(f"{path.name} is damaged: its hash is not that of the key")
    return cosigner


def _line_of(cosigner: Cosigner) -> bytes:
    key = cosigner.verifier_key
    material = b64encode(bytes([key.type]) + cosigner.private_key).decode()
    return f"PRIVATE+KEY+{key.label}+{material}\n".encode()


def _cosigner_of(name: str, material: bytes) -> Cosigner:
    if SignatureType(material[0]) is not SignatureType.ED25519_COSIGNATURE:
        raise ValueError("another type of key")
    return Cosigner(name, material[1:])
