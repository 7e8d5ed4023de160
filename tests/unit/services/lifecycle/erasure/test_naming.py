"""Whether a message that could not be read names somebody: found without understanding it."""

import pytest

from schemas.identifiers import nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from services.lifecycle.erasure.postgres_unpublished import NamedPerson
from services.people.linking.facts import facts_from_subject
from services.platform.keys.hashing import KeyedHasher, tokens_of

_HASHER = KeyedHasher(b"k" * 32)
_WHO = Subject(
    "child",
    (nhs_number_identifier("9990000115"), upn_identifier("T999200119011")),
    Demographics(family_name="Quillfeather-Snow", given_names=("Zoë",), date_of_birth="2019-04-17"),
)


@pytest.fixture
def named() -> NamedPerson:
    """Give somebody with two numbers, a name and a date of birth."""
    tokens = frozenset(token.value for token in tokens_of(_WHO, _HASHER))
    return NamedPerson(tokens, [facts_from_subject(_WHO)], _HASHER)


@pytest.mark.parametrize(
    "content",
    [
        b"<nhsNumber>9990000115</nhsNumber>",
        b"number: 999 000 0115, cut o",
        b"999-000-0115",
        b'{"upn":"T999200119011"}',
        "9990000115".encode("utf-16"),
        b"Zoe Quillfeather, born 17/04/2019",
        b"<n>SNOW</n><g>Zo&#235;</g><b>2019-04-17</b>",
        "ZOË;QUILLFEATHER SNOW;20190417".encode(),
    ],
)
def test_somebody_is_found_by_number_or_by_name_and_birth(named: NamedPerson, content: bytes):
    """However it is written."""
    assert named.stand_in(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<nhsNumber>9990000018</nhsNumber>",
        b"99900001150",
        b"T999200119012",
        b"Zoe Quillfeather, born 18/04/2019",
        b"Ada Quillfeather, born 17/04/2019",
        b"Zoe Other, born 2019-04-17",
        b"\xff\xfe\x00",
        b"\x00\x01\xfe",
    ],
)
def test_somebody_else_is_not(named: NamedPerson, content: bytes):
    """Twins and other people's numbers among them."""
    assert not named.stand_in(content)


def test_of_whom_nothing_is_known_is_nowhere():
    """Whatever it says."""
    nobody = NamedPerson(frozenset(), (), _HASHER)

    assert not nobody.stand_in(b"9990000115 Zoe Snow 2019-04-17")
