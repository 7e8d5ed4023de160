"""Every way in which a value may stand in bytes: as text, escaped, encoded, packed."""

import base64
import gzip
import html
import json
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import cache
from urllib.parse import quote, quote_plus

import zstandard

_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
_MOST_UNPACKED = 64 * 1024 * 1024


def found_among(values: Collection[str], content: bytes) -> set[str]:
    """Say which of the values stand in the bytes, however written or packed."""
    found: set[str] = set()
    for text in unpacked(content):
        lowered = text.lower()
        found.update(value for value in values if _stands_in(value, text, lowered))
    return found


def unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes, and what they are when unpacked."""
    yield content
    with suppress(zstandard.ZstdError, OSError, EOFError, zlib.error):
        if content.startswith(_ZSTD):
            yield zstandard.decompress(content, max_output_size=_MOST_UNPACKED)
        if content.startswith(_GZIP):
            yield gzip.decompress(content)


@cache
def spellings_of(value: str) -> frozenset[bytes]:
    """Spellings in which the case of letters does not count; those of ASCII in lower case."""
    texts = {
        value,
        json.dumps(value)[1:-1],
        html.escape(value),
        quote(value),
        quote_plus(value),
        "".join(letter for letter in value if letter.isalnum()),
    }
    written = {case for text in texts for case in (text, text.upper(), text.lower())}
    plain = {text.encode().lower() for text in written}
    wide = {text.encode(code).lower() for text in written for code in ("utf-16-le", "utf-16-be")}
    cases = {value, value.upper(), value.lower()}
    in_hex = {text.encode(code).hex().encode() for text in cases for code in ("utf-8", "utf-16-le")}
    return frozenset(plain | wide | in_hex)


@cache
def exact_spellings_of(value: str) -> frozenset[bytes]:
    """Spellings in which it does: base64, whatever stands before and after the value."""
    return frozenset(
        encoded
        for text in {value, value.upper(), value.lower()}
        for start in range(3)
        for encoded in _in_base64(text.encode(), start)
    )


def _stands_in(value: str, content: bytes, lowered: bytes) -> bool:
    return any(spelling in lowered for spelling in spellings_of(value)) or any(
        spelling in content for spelling in exact_spellings_of(value)
    )


def _in_base64(value: bytes, start: int) -> Iterator[bytes]:
    """The characters that stand for nothing but the value: three bytes are four characters."""
    whole = base64.b64encode(b"\0" * start + value + b"\0" * 3)
    first = -(-start * 4 // 3)
    last = (start + len(value)) * 4 // 3
    yield whole[first:last]
    yield whole[first:last].translate(bytes.maketrans(b"+/", b"-_"))
