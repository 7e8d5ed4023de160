# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Makes what two runs said comparable: whatever is random gets a name.

A random value is named after the answer in which it first appears and its place among the new ones
there. So a page with a link to another decision than before, or a form with another form's token,
is still another page; and a page that differs does not change what others are compared by. What
follows from the keys (the ids of persons, records and practitioners) is not random and stays.
"""

import re
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from hashlib import sha256

_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
# What pages call a decision by: the last six digits of its id.
_REFERENCE = re.compile(r"\b[0-9A-F]{6}\b")
_REFERENCE_DIGITS = 6
_NAMED: Mapping[str, re.Pattern[str]] = {
    "id": _UUID,
    "nonce": re.compile(r"""(?<=nonce-)[\w-]{22}|(?<=nonce=")[\w-]{22}"""),
    "cookie": re.compile(r"(?<=tell-once=)[\w-]{43}"),
    # Form tokens, and the proof with which an act's confirmation is asked for.
    "token": re.compile(r"\b[0-9a-f]{64}\b"),
    "failure": re.compile(r"(?<=reference )[0-9a-f]{8}\b"),
}
_DOCUMENT_IN_BASE64 = re.compile(r"eyJ[\w+/-]{16,}={0,2}")
# Of the ledger's tree nothing is kept: it covers looks, which come when processes get to them.
_OF_THE_TREE: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"(?<=— tell-once\.example/ledger )[A-Za-z0-9+/]{80,}={0,2}"), "‹signature›"),
    (re.compile(r"(?<=[\w}]\.)[\w-]{86}(?=\")"), "‹signature›"),
    (
        re.compile(r"(?:(?<=\\n)[A-Za-z0-9+/]{43}=\\n)+|(?:^[A-Za-z0-9+/]{43}=\n)+", re.MULTILINE),
        "‹hashes›",
    ),
    (re.compile(r"(?<=\\n)[0-9]+(?=\\n‹hashes›)|^[0-9]+(?=\n‹hashes›)", re.MULTILINE), "‹size›"),
    (re.compile(r'(?<="ledger_proofs":)[\s"0-9a-f,\[]+(?=\])'), "‹hashes›"),
)


class _Names:
    """The names of random values, over all answers; `references` are all that there are."""

    def __init__(self, references: set[str]) -> None:
        self._references = references
        self._names: dict[str, str] = {}
        self._begun: Counter[str] = Counter()
        self._answer = ""
        self._new = 0

    def begin(self, name: str) -> None:
        """What is new from here on is named after the answer of this name."""
        for pattern in _NAMED.values():
            name = pattern.sub("", name)
        self._begun[name] += 1
        self._answer = sha256(f"{name} {self._begun[name]}".encode()).hexdigest()[:6]
        self._new = 0

    def put_into(self, text: str) -> str:
        """Replace every random value by its name."""
        text = _REFERENCE.sub(self._name_reference, text)
        for kind, pattern in _NAMED.items():
            text = pattern.sub(partial(self._name, kind=kind), text)
        return text

    def _name_reference(self, found: re.Match[str]) -> str:
        return self._name(found, "reference") if found[0] in self._references else found[0]

    def _name(self, found: re.Match[str], kind: str) -> str:
        if found[0] not in self._names:
            self._new += 1
            self._names[found[0]] = f"‹{kind} {self._answer}.{self._new}›"
        return self._names[found[0]]


def masked(said: Iterable[tuple[str, str]], address: str) -> dict[str, str]:
    """Give what was said by its name, with everything random replaced, in names too.

    `address` is the host and port at which it was said.
    """
    plain = [(name, _without_tree(text.replace(address, "‹address›"))) for name, text in said]
    references = {
        found[-_REFERENCE_DIGITS:].upper()
        for name, text in plain
        for found in _UUID.findall(name + text)
    }
    names = _Names(references)
    found: dict[str, str] = {}
    for name, text in plain:
        names.begin(name)
        answer = names.put_into(name)
        found[answer] = names.put_into(text)
    return found


def _without_tree(text: str) -> str:
    """Show documents that lie in base64, for what is random in them, and leave out the tree."""
    text = _DOCUMENT_IN_BASE64.sub(_decoded, text)
    for pattern, instead in _OF_THE_TREE:
        text = pattern.sub(instead, text)
    return text


def _decoded(found: re.Match[str]) -> str:
    standard = found[0].rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return urlsafe_b64decode(standard + "=" * (-len(standard) % 4)).decode()
    except (NotBase64, UnicodeDecodeError):
        return found[0]
