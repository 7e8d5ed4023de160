"""What each kind of provider says of somebody, read the way that provider says it.

Claims come here once their token is believed (`tokens`). What is missing, of another type than the
provider's own documentation gives it, or below what its settings ask, lets nobody in. Sources: NHS
CIS2 (selected role, assurance levels), Microsoft identity platform (app roles, tenant, guests), DfE
Sign-in public API (roles of a user in an organisation).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from schemas.vocabulary import LabelledCode, Role
from services.people.signing_in.providers import Provider, ProviderKind, RoleRule
from services.people.signing_in.tokens import Claims, seconds_in

_LONGEST_CODE: Final = 255
_MOST_ROLES: Final = 1000
_IDENTITY_ASSURED: Final = 3
_CLOCKS_DIFFER: Final = 30
_ACTIVE: Final = 1
_GUEST: Final = 1


class ClaimRefusal(LabelledCode):
    """Why what a provider says lets nobody in, in words for the one who signed in."""

    MALFORMED = (
        "claims-malformed",
        "Your organisation's sign-in told us something in a form that we cannot read.",
    )
    SUBJECT = "subject-differs", "Your organisation's sign-in named two different people."
    NO_SELECTED_ROLE = (
        "selected-role-missing",
        "No role was selected, or one that is not among your roles. Select a role and try again.",
    )
    IDENTITY = (
        "identity-not-assured",
        "Your identity is not checked to the level needed. Your Registration Authority can do it.",
    )
    ASSURANCE = (
        "sign-in-not-strong-enough",
        "You signed in in a way that is not strong enough. Use your smartcard or security key.",
    )
    TOO_LONG_AGO = "signed-in-too-long-ago", "You signed in too long ago. Sign in again."
    OTHER_TENANT = "tenant-not-ours", "You signed in with an account of another organisation."
    GUEST = "account-is-a-guest", "You signed in as a guest of another organisation."
    NO_ORGANISATION = "organisation-missing", "You signed in without choosing an organisation."
    CLOSED = "organisation-closed", "The organisation that you chose is closed."
    NO_ROLE = "role-missing", "Nobody has given you a role in this service yet."
    ROLES_NOT_TOLD = (
        "roles-not-told",
        "Your organisation's sign-in does not answer when we ask for your role. Try again later.",
    )


@dataclass(frozen=True, slots=True, repr=False)
class Stated:
    """What a provider says of somebody: who, in which roles, of which organisation, since when.

    `subject` is theirs for good, and unique with the issuer alone. `organisations` are the codes
    of one organisation, the one that it is called by here first.
    """

    subject: str
    roles: frozenset[str]
    organisations: tuple[str, ...]
    signed_in_at: datetime | None
    session: str | None


def read_claims(
    claims: Claims, provider: Provider, *, now: datetime, roles: object = None
) -> Stated | ClaimRefusal:
    """What the claims of an ID token, and those of userinfo with them, say by their profile.

    `roles` is what the provider's own address for roles answered, where it has one.
    """
    signed_in = seconds_in(claims, "auth_time")
    refused = _refusal_of_time(signed_in, provider, now)
    if refused is not None:
        return refused
    found = _READERS[provider.profile](claims, provider, roles)
    if isinstance(found, ClaimRefusal):
        return found
    subject, stated = found[0], frozenset(found[1])
    organisations = tuple(dict.fromkeys(found[2]))
    if not subject or not organisations:
        return ClaimRefusal.MALFORMED
    if not stated:
        return ClaimRefusal.NO_ROLE
    return Stated(
        subject,
        stated,
        organisations,
        None if signed_in is None else datetime.fromtimestamp(signed_in, UTC),
        _code(claims.get("sid")),
    )


def _refusal_of_time(
    signed_in: float | None, provider: Provider, now: datetime
) -> ClaimRefusal | None:
    """Not longer ago than the settings say, and not in the future."""
    if not provider.max_auth_age:
        return None
    if signed_in is None:
        return ClaimRefusal.MALFORMED
    ago = now.timestamp() - signed_in
    is_timely = -_CLOCKS_DIFFER <= ago <= provider.max_auth_age + _CLOCKS_DIFFER
    return None if is_timely else ClaimRefusal.TOO_LONG_AGO


_Found = tuple[str | None, Iterable[str], Iterable[str]]


# NHS CIS2: the role that was selected, among those of the national role-based access control.


def _of_cis2(claims: Claims, provider: Provider, _: object) -> _Found | ClaimRefusal:
    subject = _code(claims.get("sub"))
    if "uid" in claims and claims["uid"] != claims.get("sub"):
        return ClaimRefusal.SUBJECT
    if _level(claims.get("id_assurance_level")) < _IDENTITY_ASSURED:
        return ClaimRefusal.IDENTITY
    if _level(claims.get("authentication_assurance_level")) < provider.minimum_assurance:
        return ClaimRefusal.ASSURANCE
    selected = _code(claims.get("selected_roleid"))
    held = _tables(claims.get("nhsid_nrbac_roles"))
    chosen = [role for role in held if selected and role.get("person_roleid") == selected]
    if len(chosen) != 1:
        return ClaimRefusal.NO_SELECTED_ROLE
    (role,) = chosen
    organisation = _code(role.get("org_code"))
    return subject, _codes_of(role), [organisation] if organisation else []


def _codes_of(role: Mapping[str, Any]) -> Iterator[str]:
    """The parts of a role's code (`S8000:G8000:R8001`), its activities and its workgroups."""
    yield from filter(None, (_code(role.get("role_code")) or "").split(":"))
    for name in ("activity_codes", "workgroups_codes"):
        yield from _codes(role.get(name))


def _level(found: object) -> int:
    """A level of assurance, which comes as text; 0 for what is none."""
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return int(text) if text in {"0", "1", "2", "3"} else 0


# Microsoft Entra ID: the roles of our application; groups vanish from tokens when there are many.


def _of_entra(claims: Claims, provider: Provider, _: object) -> _Found | ClaimRefusal:
    tenant, subject = _code(claims.get("tid")), _code(claims.get("oid"))
    if tenant is None or tenant != provider.tenant:
        return ClaimRefusal.OTHER_TENANT
    if _is_guest(claims, tenant):
        return ClaimRefusal.GUEST
    return subject, _codes(claims.get("roles")), [tenant]


def _is_guest(claims: Claims, tenant: str) -> bool:
    """Whether the account is another directory's: by `acct`, or by who vouches for it (`idp`)."""
    account, vouching = claims.get("acct"), claims.get("idp")
    is_told = account is not None and str(account) == str(_GUEST)
    return is_told or (vouching is not None and tenant not in str(vouching))


# DfE Sign-in: the organisation is in the token, the roles have to be asked for.


def _of_dfe(claims: Claims, _: Provider, answered: object) -> _Found | ClaimRefusal:
    organisation = claims.get("organisation")
    if not isinstance(organisation, dict) or not organisation:
        return ClaimRefusal.NO_ORGANISATION
    if not _is_active(organisation.get("status")):
        return ClaimRefusal.CLOSED
    if not isinstance(answered, dict) or not isinstance(answered.get("roles"), list):
        return ClaimRefusal.ROLES_NOT_TOLD
    active = [role for role in _tables(answered["roles"]) if _is_active(role.get("status"))]
    codes = (_code(role.get("code")) for role in active)
    return (
        _code(claims.get("sub")),
        [code for code in codes if code],
        list(_organisation_codes(organisation)),
    )


def _organisation_codes(organisation: Mapping[str, Any]) -> Iterator[str]:
    """Authority and establishment as one number, as schools' own files have it; then the others."""
    authority = organisation.get("localAuthority")
    code = _code(authority.get("code")) if isinstance(authority, dict) else None
    establishment = _code(organisation.get("establishmentNumber"))
    if code and establishment:
        yield f"{code}{establishment.zfill(4)}"
    for name in ("urn", "uid", "ukprn", "id"):
        if found := _code(organisation.get(name)):
            yield found


def _is_active(status: object) -> bool:
    """Status 1, by itself or as the id of a table; what has none is not known to be active."""
    found = status.get("id") if isinstance(status, dict) else status
    return str(found) == str(_ACTIVE) and not isinstance(found, bool)


# Codes, and nothing that only looks like one.


def _code(found: object) -> str | None:
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_CODE:
        return None
    return found if found.isascii() and found.isprintable() and " " not in found else None


def _codes(found: object) -> Iterator[str]:
    if isinstance(found, list) and len(found) <= _MOST_ROLES:
        yield from (code for one in found if (code := _code(one)))


def _tables(found: object) -> list[Mapping[str, Any]]:
    if not isinstance(found, list) or len(found) > _MOST_ROLES:
        return []
    return [one for one in found if isinstance(one, dict)]


_Reader = Callable[[Claims, Provider, object], _Found | ClaimRefusal]
_READERS: Final[Mapping[ProviderKind, _Reader]] = {
    ProviderKind.NHS_CIS2: _of_cis2,
    ProviderKind.ENTRA_ID: _of_entra,
    ProviderKind.DFE_SIGN_IN: _of_dfe,
}


# In which roles of which agencies somebody may work here, by what their provider states.


@dataclass(frozen=True, slots=True)
class Admission:
    """A role in an agency that the settings give to what was stated."""

    role: Role
    agency: str


def admissions(stated: Stated, provider: Provider) -> tuple[Admission, ...]:
    """Each that a rule of the provider gives, once, as the rules are ordered; none is no way in.

    An admission is no membership: whoever has none in that agency and role is a stranger still.
    """
    given = (
        Admission(rule.role, rule.agency or stated.organisations[0])
        for rule in provider.role
        if _fits(rule, stated)
    )
    return tuple(dict.fromkeys(given))


def _fits(rule: RoleRule, stated: Stated) -> bool:
    wanted = rule.when
    is_theirs = wanted.organisation is None or wanted.organisation in stated.organisations
    return is_theirs and wanted.role in stated.roles
