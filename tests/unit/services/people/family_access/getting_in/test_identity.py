"""Who a provider says that somebody is, and whose page that is: read strictly, matched exactly."""

from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Source
from services.people.family_access.getting_in.identity import (
    ADDRESS,
    identity_of_nhs_login,
    identity_of_one_login,
)
from services.people.family_access.getting_in.matching import who_it_is
from services.people.family_access.getting_in.ports import IdentityRefusal, ProvedIdentity
from services.people.family_access.getting_in.settings import read_family_providers
from services.people.linking.claims import IdentityClaim
from services.people.linking.facts import LinkFacts
from services.people.signing_in.providers import SignInSettingsError
from tests.support.builders import NOW
from tests.support.family_providers.running import HOME, a_core, in_nhs_login, providers_in
from tests.support.family_providers.running import settings_text as text_of

NUMBER = "9990000026"
AT_HOME = ("12MILLLANE", "ZZ993VZ")
EVA = ProvedIdentity(("EVA",), frozenset({"NOVAK"}), date(1996, 2, 11), NUMBER)
AT_MILL_LANE = replace(EVA, nhs_number=None, homes=frozenset({AT_HOME}))
HELD = LinkFacts(
    given_names=frozenset({"EVA", "MARIA"}),
    family_names=frozenset({"NOVAK"}),
    date_of_birth="1996-02-11",
    postcode=AT_HOME[1],
    address=AT_HOME[0],
    numbers=((IdentifierScheme.NHS_NUMBER, NUMBER),),
)
ONE, OTHER, TWIN = (PersonId(letter * 32) for letter in "abc")


def matched(proved: ProvedIdentity, **known: LinkFacts | tuple[LinkFacts, ...]) -> PersonId | None:
    """Whom it means among people a, b and c, of whom b is one with a."""
    of = {"a": ONE, "b": OTHER, "c": TWIN}
    claims = {
        of[letter]: [
            IdentityClaim(of[letter], Source.SCHOOLS, one, NOW)
            for one in (facts if isinstance(facts, tuple) else (facts,))
        ]
        for letter, facts in known.items()
    }
    return who_it_is(proved, claims, {ONE: ONE, OTHER: ONE, TWIN: TWIN})


@pytest.mark.parametrize(
    ("proved", "changed", "is_hit"),
    [
        (EVA, {}, True),
        (AT_MILL_LANE, {}, True),
        (AT_MILL_LANE, {"numbers": ()}, True),
        (EVA, {"address": None, "postcode": None}, True),
        # Each of what is asked has to be there, and to be the same.
        (EVA, {"numbers": ((IdentifierScheme.NHS_NUMBER, "9990000034"),)}, False),
        (EVA, {"numbers": ((IdentifierScheme.UPN, NUMBER),)}, False),
        (EVA, {"numbers": ()}, False),
        (EVA, {"stated_number": NUMBER, "numbers": ()}, False),
        (EVA, {"date_of_birth": "1996-11-02"}, False),
        (EVA, {"date_of_birth": None}, False),
        (EVA, {"family_names": frozenset({"IBORI"})}, False),
        (EVA, {"family_names": frozenset()}, False),
        (EVA, {"given_names": frozenset({"MARIA"})}, False),
        (AT_MILL_LANE, {"postcode": "ZZ993VY"}, False),
        (AT_MILL_LANE, {"address": "14MILLLANE"}, False),
        (AT_MILL_LANE, {"address": None, "postcode": None}, False),
        # Who is protected, or was somebody else before an adoption, is nobody.
        (EVA, {"is_protected": True}, False),
        (EVA, {"is_former": True}, False),
    ],
)
def test_one_match_is_exact(proved: ProvedIdentity, changed: dict[str, Any], *, is_hit: bool):
    """Name, date of birth, and number or address; in one source's word."""
    found = matched(proved, a=replace(HELD, **changed))

    assert found == (ONE if is_hit else None)


def test_two_who_may_be_meant_are_nobody():
    """Unless they are known to be one; and a protected one beside another is no hit either."""
    assert matched(AT_MILL_LANE, a=HELD, c=HELD) is None
    assert matched(AT_MILL_LANE, a=HELD, b=HELD) == ONE
    assert matched(AT_MILL_LANE, a=HELD, b=replace(HELD, is_protected=True)) is None
    assert matched(AT_MILL_LANE, a=HELD, c=replace(HELD, is_protected=True)) is None
    assert matched(AT_MILL_LANE) is None


def test_what_two_sources_say_is_not_put_together():
    """Name by one and number by another may be of two people; another verified number is a no."""
    nameless = replace(HELD, given_names=frozenset())
    numberless = replace(HELD, numbers=())
    another = replace(HELD, numbers=((IdentifierScheme.NHS_NUMBER, "9990000034"),))

    assert matched(EVA, a=(nameless, numberless)) is None
    assert matched(EVA, a=(numberless, another)) is None
    assert matched(EVA, a=(HELD, numberless)) == ONE


def _with(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    found: Any = deepcopy(a_core())
    place = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return dict(found)


SUBJECT = ("vc", "credentialSubject")


def test_one_login_s_statement_is_read_as_it_is_now():
    """The name without an end, the birthday, and where they live now in one spelling."""
    old = {"buildingNumber": "1", "postalCode": "ZZ99 3VY", "validUntil": "2020-01-01"}
    core = a_core(given="Eva Maria", family="Nový-Novak")

    found = identity_of_one_login(core, {ADDRESS: [old, HOME]})

    assert found == ProvedIdentity(
        ("EVA", "MARIA"),
        frozenset({"NOVY", "NOVAK"}),
        date(1996, 2, 11),
        homes=frozenset({AT_HOME}),
    )


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (a_core(vot="P1"), IdentityRefusal.NOT_PROVED),
        (a_core(vot=["P2"]), IdentityRefusal.NOT_PROVED),
        ({"vot": "P2"}, IdentityRefusal.MALFORMED),
        (_with((*SUBJECT, "name"), []), IdentityRefusal.MALFORMED),
        (_with((*SUBJECT, "name"), "Eva"), IdentityRefusal.MALFORMED),
        (_with((*SUBJECT, "name", 0), {"nameParts": []}), IdentityRefusal.MALFORMED),
        (_with((*SUBJECT, "name", 1, "nameParts"), 5), IdentityRefusal.MALFORMED),
        (_with((*SUBJECT, "birthDate"), [{"value": "11/02/1996"}]), IdentityRefusal.MALFORMED),
        (
            _with((*SUBJECT, "birthDate"), [{"value": "1996-02-11"}, {"value": "1997-02-11"}]),
            IdentityRefusal.MALFORMED,
        ),
    ],
)
def test_statement_that_proves_too_little_is_none(statement: dict[str, Any], why: IdentityRefusal):
    """The level is the statement's own; what cannot be read proves nothing."""
    assert identity_of_one_login(statement, {}) is why


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"identity_proofing_level": "P5"}, IdentityRefusal.NOT_PROVED),
        ({"identity_proofing_level": None}, IdentityRefusal.NOT_PROVED),
        ({"nhs_number": "99900000"}, IdentityRefusal.MALFORMED),
        ({"nhs_number": 9990000026}, IdentityRefusal.MALFORMED),
        ({"given_name": " "}, IdentityRefusal.MALFORMED),
        ({"birthdate": None}, IdentityRefusal.MALFORMED),
    ],
)
def test_nhs_login_counts_at_p9_alone(changed: dict[str, Any], why: IdentityRefusal):
    """With a whole number, name and birthday."""
    assert identity_of_nhs_login(in_nhs_login("999 000 0026")) == EVA
    assert identity_of_nhs_login(in_nhs_login(NUMBER, **changed)) is why


def test_providers_are_off_until_a_file_names_them(tmp_path: Path):
    """And each setting that cannot be used is named."""
    issuers = {"one": "http://127.0.0.1:1", "nhs": "http://127.0.0.1:2"}

    assert read_family_providers(None) == ()
    one, nhs = providers_in(tmp_path, issuers)
    assert (one.algorithms, nhs.algorithms) == (("ES256",), ("RS512",))
    path = tmp_path / "bad.toml"
    path.write_text(text_of(issuers).replace("identity_keys", "identity_key"))
    with pytest.raises(SignInSettingsError, match="identity_key"):
        read_family_providers(path, is_demonstration=True)
    with pytest.raises(SignInSettingsError, match="https"):
        read_family_providers(tmp_path / "family-sign-in.toml")
