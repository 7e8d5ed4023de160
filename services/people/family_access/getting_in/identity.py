"""Who somebody is, as a provider says it: read from its own claims. Pure.

Claims come here once their tokens are believed. One Login proves it in a statement of its own
(`coreIdentityJWT`), and the level of proof is that statement's `vot`, never the ID token's. Of
NHS login the claims of userinfo count. Nothing of either is kept.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from services.people.family_access.getting_in.ports import IdentityRefusal, ProvedIdentity
from services.people.linking.facts import compact, names_in
from services.people.signing_in.tokens import Claims

_VOCAB: Final = "https://vocab.account.gov.uk/v1/"
CORE_IDENTITY: Final = f"{_VOCAB}coreIdentityJWT"
ADDRESS: Final = f"{_VOCAB}address"
RETURN_CODE: Final = f"{_VOCAB}returnCode"
ONE_LOGIN_PROVED: Final = "P2"
NHS_LOGIN_PROVED: Final = "P9"
_MOST: Final = 20
_LONGEST: Final = 255
_NHS_NUMBER_DIGITS: Final = 10


def identity_of_one_login(
    statement: Claims, userinfo: Mapping[str, Any]
) -> ProvedIdentity | IdentityRefusal:
    """Whom the statement names now, and where userinfo says that they live now.

    (1) Proved to P2 by the statement itself; (2) one name without an end; (3) one birthday.
    """
    if statement.get("vot") != ONE_LOGIN_PROVED:  # (1)
        return IdentityRefusal.NOT_PROVED
    subject = _table(_table(statement.get("vc")).get("credentialSubject"))
    present = [one for one in _tables(subject.get("name")) if one.get("validUntil") is None]
    if len(present) != 1:  # (2)
        return IdentityRefusal.MALFORMED
    parts = _tables(present[0].get("nameParts"))
    given = [_text(p.get("value")) for p in parts if p.get("type") == "GivenName"]
    family = [_text(p.get("value")) for p in parts if p.get("type") == "FamilyName"]
    births = {_text(one.get("value")) for one in _tables(subject.get("birthDate"))}
    homes = _homes(userinfo.get(ADDRESS))
    return _proved(given, family, births, homes=frozenset(homes))  # (3)


def identity_of_nhs_login(userinfo: Claims) -> ProvedIdentity | IdentityRefusal:
    """Proved to P9 alone, which is a person who showed a document, or their own practice."""
    if userinfo.get("identity_proofing_level") != NHS_LOGIN_PROVED:
        return IdentityRefusal.NOT_PROVED
    number = _text(userinfo.get("nhs_number")).replace(" ", "")
    if len(number) != _NHS_NUMBER_DIGITS or not (number.isascii() and number.isdigit()):
        return IdentityRefusal.MALFORMED
    given, family, born = (
        _text(userinfo.get(name)) for name in ("given_name", "family_name", "birthdate")
    )
    return _proved([given], [family], {born}, number=number)


def _proved(
    given: list[str],
    family: list[str],
    births: set[str],
    *,
    number: str | None = None,
    homes: frozenset[tuple[str, str]] = frozenset(),
) -> ProvedIdentity | IdentityRefusal:
    firsts = tuple(name for text in given for part in text.split() if (name := compact(part)))
    last, born = names_in(family), [_day(one) for one in births]
    if not firsts or not last or len(born) != 1 or born[0] is None:
        return IdentityRefusal.MALFORMED
    return ProvedIdentity(firsts, last, born[0], number, homes)


def _homes(found: object) -> Iterator[tuple[str, str]]:
    """Present addresses: the line that a form has first, and the postcode."""
    for one in _tables(found):
        postcode = compact(_text(one.get("postalCode")))
        if one.get("validUntil") is not None or postcode is None:
            continue
        named = ("subBuildingName", "buildingName", "buildingNumber", "streetName")
        whole = " ".join(_text(one.get(name)) for name in named)
        if line := compact(whole):
            yield line, postcode


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(found: object) -> str:
    is_text = isinstance(found, str) and len(found) <= _LONGEST and found.isprintable()
    return str(found).strip() if is_text else ""


def _table(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _tables(found: object) -> list[Mapping[str, Any]]:
    if not isinstance(found, list) or len(found) > _MOST:
        return []
    return [one for one in found if isinstance(one, dict)]
