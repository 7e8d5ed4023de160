"""Tokens by which subjects are linked: equal for one person, different for two."""

from dataclasses import replace

import pytest

from schemas.identifiers import Identifier, nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus
from services.platform.keys.hashing import NUMBERS, KeyedHasher, TokenKind, birth_token, tokens_of

HASHER = KeyedHasher(bytes(32))
AVA = Demographics("Wren", ("Ava",), "2024-05-03", "EX1 1AA")


def _by_name(person: Demographics) -> set[bytes]:
    tokens = tokens_of(Subject("s", (), person), HASHER)
    return {token.value for token in tokens if token.kind is TokenKind.DEMOGRAPHICS}


@pytest.mark.parametrize(
    "written",
    [
        replace(AVA, family_name="WREN", given_names=("ava",)),
        replace(AVA, family_name=" Wren ", postcode="ex11aa"),
        replace(AVA, given_names=("Ava", "Rose")),
        replace(AVA, given_names=("Ava Rose",)),
    ],
    ids=["case", "spaces", "middle name apart", "middle name together"],
)
def test_spelling_habits_do_not_tell_people_apart(written: Demographics):
    """What differs by system is left out."""
    assert _by_name(written) == _by_name(AVA) != set()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zoë", "Zoe"), ("Anne-Marie", "Annemarie"), ("O'Brien", "OBrien"), ("ﬁnn", "Finn")],
)
def test_accents_hyphens_and_apostrophes_do_not_count(one: str, other: str):
    """Nor does the way in which a letter is encoded."""
    for name in ("family_name", "given_names"):
        values = [{name: text if name == "family_name" else (text,)} for text in (one, other)]
        first, second = (_by_name(replace(AVA, **value)) for value in values)
        assert first == second != set()


def test_twins_differ_by_their_given_names():
    """Everything else about them is the same."""
    twin = replace(AVA, given_names=("Eva",))

    assert _by_name(twin).isdisjoint(_by_name(AVA))


@pytest.mark.parametrize(
    "vague",
    [
        replace(AVA, placeholder_name=True),
        replace(AVA, given_names=()),
        replace(AVA, family_name=None),
        replace(AVA, date_of_birth=None),
        replace(AVA, postcode=None),
        replace(AVA, family_name="—"),
        replace(AVA, given_names=("",)),
        Demographics(),
    ],
)
def test_a_name_alone_or_none_links_nobody(vague: Demographics):
    """A placeholder never does, and neither does anything incomplete."""
    assert _by_name(vague) == set()


def test_parts_of_a_name_do_not_run_into_each_other():
    """Ann Eway is not Anne Way."""
    one = replace(AVA, given_names=("Ann",), family_name="Eway")
    other = replace(AVA, given_names=("Anne",), family_name="Way")

    assert _by_name(one).isdisjoint(_by_name(other))


def test_only_verified_numbers_make_tokens_and_the_strongest_comes_first():
    """NHS number, UPN, local authority id; never a source's own id."""
    identifiers = (
        Identifier(IdentifierScheme.LOCAL, "M-1", IdentifierStatus.VERIFIED),
        Identifier(IdentifierScheme.LA_CHILD_ID, "999/1", IdentifierStatus.VERIFIED),
        upn_identifier("T999200119011"),
        nhs_number_identifier("9990000018"),
        nhs_number_identifier("9990000026", verified=False),
        Identifier(IdentifierScheme.NHS_NUMBER, "9990000034", IdentifierStatus.SUPERSEDED),
    )

    kinds = [token.kind for token in tokens_of(Subject("s", identifiers, AVA), HASHER)]

    assert kinds == [
        TokenKind.NHS_NUMBER,
        TokenKind.UPN,
        TokenKind.LA_CHILD_ID,
        TokenKind.DEMOGRAPHICS,
    ]
    assert set(kinds[:3]) == NUMBERS


def test_the_same_digits_in_another_scheme_are_another_token():
    """A local id may look like anything."""
    values = {
        token.value
        for scheme in (IdentifierScheme.NHS_NUMBER, IdentifierScheme.LA_CHILD_ID)
        for token in tokens_of(
            Subject("s", (Identifier(scheme, "9990000018", IdentifierStatus.VERIFIED),)), HASHER
        )
    }

    assert len(values) == 2


def test_a_token_tells_nothing_without_the_key():
    """Another installation makes other tokens; no token holds what it was made from."""
    subject = Subject("s", (nhs_number_identifier("9990000018"),), AVA)

    ours = {token.value for token in tokens_of(subject, HASHER)}
    theirs = {token.value for token in tokens_of(subject, KeyedHasher(b"\x01" * 32))}

    assert ours.isdisjoint(theirs)
    assert all(len(value) == 16 for value in ours)
    assert birth_token(subject, HASHER) != birth_token(subject, KeyedHasher(b"\x01" * 32))


def test_a_date_of_birth_alone_only_contradicts():
    """It has a token of its own that links nobody."""
    subject = Subject("s", (), Demographics(date_of_birth="2024-05-03"))

    assert list(tokens_of(subject, HASHER)) == []
    assert birth_token(subject, HASHER) is not None
    assert birth_token(Subject("s"), HASHER) is None
