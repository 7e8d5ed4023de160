"""The search for a value finds it however it is written; and finds nothing that is not there."""

import base64
import gzip
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tests.support.people.spellings import found_among

VALUE = "Świętosława Quillfeather"
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda b: b,
    "upper": lambda b: b.decode().upper().encode(),
    "lower": lambda b: b.decode().lower().encode(),
    "json": lambda b: json.dumps({"a": b.decode()}).encode(),
    "utf-16": lambda b: b.decode().encode("utf-16"),
    "utf-16-be": lambda b: b.decode().encode("utf-16-be"),
    "hex": lambda b: b.hex().encode(),
    "HEX": lambda b: b.hex().upper().encode(),
    "url": lambda b: quote(b.decode()).encode(),
    "base64": base64.b64encode,
    "base64 for URLs": base64.urlsafe_b64encode,
    "without spaces": lambda b: b.replace(b" ", b""),
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("way", WAYS)
@given(before=st.binary(max_size=20), after=st.binary(max_size=20))
def test_it_is_found_however_it_is_written(way: str, before: bytes, after: bytes):
    """Whatever stands around it."""
    written = WAYS[way]
    if way in {"gzip", "zstd", "base64", "base64 for URLs"}:
        content = written(before + VALUE.encode() + after)
    else:
        content = before + written(VALUE.encode()) + after

    assert found_among([VALUE, "Somebody Else"], content) == {VALUE}


@given(st.binary(max_size=400))
def test_nothing_is_found_where_it_is_not(content: bytes):
    """Random bytes hold no name."""
    assert found_among([VALUE], content) == set()
