"""The logs that a witness looks after, as its operator names them."""

import pytest

from consent.transparency.verifier_key import VerifierKey
from services.ledger.witness.app import (
    UnknownLogFormatError,
    known_logs,
    parse_log_list,
    parse_origin,
)
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER
from tests.support.ledger.witness_builders import COSIGNER

KEY = SIGNER.verifier_key
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (f"{ORIGIN}={KEY}", ORIGIN),
        (str(KEY), ORIGIN),
        (f"another name={KEY}", "another name"),
        (f"a=b={KEY}", "a=b"),
    ],
    ids=["both", "key alone", "another name", "equals sign"],
)
def test_a_log_is_named_by_origin_and_key(text: str, origin: str):
    """A key may end in an equals sign, and an origin may have one."""
    assert parse_origin(text) == (origin, KEY)


@pytest.mark.parametrize("text", ["", ORIGIN, f"{ORIGIN}=", f"{ORIGIN}={str(KEY)[:-1]}"])
def test_what_names_no_log_is_refused(text: str):
    """With how it should be."""
    with pytest.raises(UnknownLogFormatError, match="ORIGIN=VERIFIER_KEY"):
        parse_origin(text)


def test_the_list_of_a_public_network_is_read():
    """As transparency-dev's witness-network writes it: comments, and lines we have no use for."""
    text = f"""\
#
# List: testing
#
logs/v0

# the first
vkey {KEY}
origin none
qpd 86400
bastion https://bastion.example/
contact https://log.example/contact

vkey {GO_KEY}
origin go.sum database tree
qpd 24
contact sysadmin (at) log.example
vkey {KEY}
"""
    go_key = VerifierKey.parse(GO_KEY)

    assert list(parse_log_list(text)) == [
        (ORIGIN, KEY),
        ("go.sum database tree", go_key),
        (ORIGIN, KEY),
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "logs/v0"),
        (f"vkey {KEY}\n", "logs/v0"),
        ("logs/v1\n", "logs/v0"),
        ("logs/v0\nkey a\n", "line 2"),
        ("logs/v0\n\norigin a\n", "line 3"),
        ("logs/v0\nvkey nonsense\n", "line 2"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(text: str, what: str):
    """With the line."""
    with pytest.raises(UnknownLogFormatError, match=what):
        list(parse_log_list(text))


def test_a_log_may_have_several_keys():
    """It may sign with any of them."""
    other = VerifierKey.parse(GO_KEY)

    assert known_logs([(ORIGIN, KEY), (ORIGIN, other)]) == {ORIGIN: [KEY, other]}


def test_a_witness_key_is_no_log():
    """Whoever holds it says what it saw, not what happened."""
    with pytest.raises(UnknownLogFormatError, match="witness' key"):
        known_logs([(COSIGNER.name, COSIGNER.verifier_key)])


def test_a_witness_looks_after_some_log():
    """Or it was started by mistake."""
    with pytest.raises(UnknownLogFormatError, match="--origin"):
        known_logs([])
