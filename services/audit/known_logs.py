"""The logs that a witness looks after, as its operator names them."""

import re
from collections.abc import Iterable, Iterator

from consent.errors import NoteMalformedError
from consent.verifier_key import VerifierKey
from consent.witness import KnownLogs
from services.errors import ServiceError

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
