"""Partners come and go: added, given new keys, suspended, resumed; each time with its entry."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Clock, Ledger
from services.interfaces.partners.errors import OnboardingError
from services.interfaces.partners.oauth.clients import PublicKey
from services.interfaces.partners.oauth.postgres import wait_for_what_it_does
from services.interfaces.partners.ports import (
    CredentialKind,
    KnownAs,
    Pace,
    Partner,
    PartnerEntry,
    PartnerId,
    Scope,
)
from services.interfaces.partners.postgres_registry import PostgresPartnerRegistry
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside, UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True)
class Onboarding:
    """What partners are onboarded with, and by whom; `hash_secret` gives what is kept of one."""

    registry: PostgresPartnerRegistry
    ledger: Ledger
    clock: Clock
    hash_secret: Callable[[PartnerId, str], bytes]
    by: str


@contextmanager
def onboarding(outside: Outside, *, by: str) -> Iterator[Onboarding]:
    """One transaction in which partners are onboarded; `outside` has to be the owner's."""
    with unit_of_work(outside) as work:
        yield onboarding_in(work, by=by)


def onboarding_in(work: UnitOfWork, *, by: str) -> Onboarding:
    """The same in a transaction that is there, and that has to be the owner's."""
    hasher = KeyedHasher(work.outside.vault.secret(SecretName.PARTNERS))
    return Onboarding(
        PostgresPartnerRegistry(work.connection),
        work.ledger,
        work.outside.clock,
        lambda partner, secret: hasher.digest("client-secret", partner, secret),
        by,
    )


USUAL_PACE = Pace(per_second=10.0, burst=60)
_SECRET_BYTES = 32
# As the ledger takes codes (consent.ledger.fields): a run of six digits would be a number.
_NAME = re.compile(r"(?!.*[0-9]{6})[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_NAME = 48
_CODE = re.compile(r"[\x21-\x7e]{1,255}")
_LA_CODE = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True)
class AddPartner:
    """Order: let a system in. It shows who it is with its keys, a secret, or either.

    `agencies` are those for whose practitioners it may show families, or ask; `answers_for` is who
    of the directory it answers for.
    """

    name: str
    scopes: frozenset[Scope]
    la_code: str | None = None
    pace: Pace = USUAL_PACE
    keys: Sequence[PublicKey] = ()
    with_secret: bool = False
    agencies: frozenset[str] = frozenset()
    answers_for: str | None = None


@dataclass(frozen=True, slots=True)
class RotateCredentials:
    """Order: give a partner new keys or a new secret; the old ones hold for `overlap` more."""

    partner: PartnerId
    overlap: timedelta
    keys: Sequence[PublicKey] = ()
    with_secret: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """The partner as it is now, and the secret where one was made: it is told this once."""

    entry: PartnerEntry
    secret: str | None = field(default=None, repr=False)
    old_until: datetime | None = None


def add_partner(command: AddPartner, *, onboarding: Onboarding) -> Given:
    """Onboard a partner. Raises OnboardingError naming the field."""
    _require_sound(command)
    _require_its_agencies(command, onboarding)
    partner = Partner(
        PartnerId(command.name),
        command.scopes,
        command.pace,
        command.la_code,
        agencies=command.agencies,
        answers_for=command.answers_for,
    )
    now = onboarding.clock.now()
    if not onboarding.registry.add(partner, at=now):
        raise OnboardingError("name", "is-taken: rotate its credentials, or choose another")
    secret = _give(partner.id, command, onboarding)
    fields: Mapping[str, FieldValue] = {"partner": partner.id, "scopes": partner.scopes}
    _enter(LedgerEvent.PARTNER_ADDED, fields, onboarding)
    if command.agencies:
        told = sha256("".join(f"{code}\n" for code in sorted(command.agencies)).encode())
        named: Mapping[str, FieldValue] = {"partner": partner.id, "agencies": told.hexdigest()}
        _enter(LedgerEvent.PARTNER_AGENCIES_NAMED, named, onboarding)
    return Given(partner_entry(partner.id, onboarding), secret)


def rotate_credentials(command: RotateCredentials, *, onboarding: Onboarding) -> Given:
    """Give new credentials; old ones of the same kind end when the overlap is over.

    Raises OnboardingError.
    """
    partner_entry(command.partner, onboarding)
    if bool(command.keys) == command.with_secret:
        raise OnboardingError("credential", "is-not-one-of: public keys, a secret")
    if command.overlap < timedelta(0):
        raise OnboardingError("overlap", "is-in-the-past")
    kind = CredentialKind.SECRET if command.with_secret else CredentialKind.PUBLIC_KEY
    old_until = onboarding.clock.now() + command.overlap
    onboarding.registry.retire(command.partner, kind, until=old_until)
    secret = _give(command.partner, command, onboarding)
    fields: Mapping[str, FieldValue] = {
        "partner": command.partner,
        "credential": kind,
        "old_until": old_until,
    }
    _enter(LedgerEvent.PARTNER_KEY_ROTATED, fields, onboarding)
    return Given(partner_entry(command.partner, onboarding), secret, old_until)


@dataclass(frozen=True, slots=True)
class NameClient:
    """Order: let a partner bring practitioners' tokens that a provider made for it.

    They are made for the client as which that provider knows it, and for no other.
    """

    partner: PartnerId
    known_as: KnownAs


def name_client(command: NameClient, *, onboarding: Onboarding) -> Given:
    """Let it bring them from now on. Raises OnboardingError naming the field."""
    found, known_as = partner_entry(command.partner, onboarding), command.known_as
    if Scope.FAMILIES_READ not in found.partner.scopes:
        raise OnboardingError("scope", f"is-not: {Scope.FAMILIES_READ}")
    for name, text in (("issuer", known_as.issuer), ("client", known_as.client)):
        if not _CODE.fullmatch(text):
            raise OnboardingError(name, "is-not-1-to-255-characters-without-a-space")
    if not known_as.issuer.startswith(("https://", "http://")):
        raise OnboardingError("issuer", "is-not-an-address: as the file of providers has it")
    if not onboarding.registry.add_client(command.partner, known_as, at=onboarding.clock.now()):
        raise OnboardingError("client", "is-named-already: one client is one partner's")
    _enter_client(LedgerEvent.PARTNER_CLIENT_NAMED, command, onboarding)
    return Given(partner_entry(command.partner, onboarding))


def end_client(command: NameClient, *, onboarding: Onboarding) -> Given:
    """Let it bring them no more, at once. Raises OnboardingError where it may not."""
    partner_entry(command.partner, onboarding)
    if not onboarding.registry.end_client(command.partner, command.known_as):
        raise OnboardingError("client", "is-not-this-partner's: tell-once partner show says which")
    _enter_client(LedgerEvent.PARTNER_CLIENT_ENDED, command, onboarding)
    return Given(partner_entry(command.partner, onboarding))


def _enter_client(event: LedgerEvent, command: NameClient, onboarding: Onboarding) -> None:
    told = sha256(f"{command.known_as.issuer}\n{command.known_as.client}\n".encode()).hexdigest()
    _enter(event, {"partner": command.partner, "client": told}, onboarding)


def suspend_partner(partner: PartnerId, *, onboarding: Onboarding) -> PartnerEntry:
    """Shut a partner out at once, with the tokens that it has. Raises OnboardingError."""
    if partner_entry(partner, onboarding).partner.suspended_at is None:
        onboarding.registry.suspend(partner, at=onboarding.clock.now())
        _enter(LedgerEvent.PARTNER_SUSPENDED, {"partner": partner}, onboarding)
    return partner_entry(partner, onboarding)


def suspend_at_once(outside: Outside, partner: PartnerId, *, by: str) -> PartnerEntry:
    """Suspend a partner, then return when what was being done for it has been done.

    Raises OnboardingError, and ServiceUnavailableError when that takes longer than a lock is waited
    for: the partner is suspended all the same.
    """
    with onboarding(outside, by=by) as book:
        entry = suspend_partner(partner, onboarding=book)
    with unit_of_work(outside) as work:
        wait_for_what_it_does(work.connection, partner)
    return entry


def resume_partner(partner: PartnerId, *, onboarding: Onboarding) -> PartnerEntry:
    """Let a suspended partner in again. Raises OnboardingError."""
    if partner_entry(partner, onboarding).partner.suspended_at is not None:
        onboarding.registry.resume(partner)
        _enter(LedgerEvent.PARTNER_RESUMED, {"partner": partner}, onboarding)
    return partner_entry(partner, onboarding)


def partner_entry(partner: PartnerId, onboarding: Onboarding) -> PartnerEntry:
    """The partner of that name. Raises OnboardingError when there is none."""
    found = onboarding.registry.find(partner)
    if found is None:
        raise OnboardingError("name", "is-not-known: tell-once partner list shows who is")
    return found


def _require_sound(command: AddPartner) -> None:
    if not _NAME.fullmatch(command.name) or len(command.name) > _LONGEST_NAME:
        raise OnboardingError("name", "is-not-lower-case-words-with-hyphens: northfield-csc")
    if not command.scopes:
        raise OnboardingError("scope", "is-missing: say what it may do, or whose source it is")
    if Scope.ACCESS_EXPLAIN in command.scopes:
        raise OnboardingError("scope", "takes-two-officers: tell-once partner explain ask")
    if command.la_code is not None and not _LA_CODE.fullmatch(command.la_code):
        raise OnboardingError("la-code", "is-not-three-digits")
    if not command.keys and not command.with_secret:
        raise OnboardingError("credential", "is-missing: give public keys or ask for a secret")
    if command.pace.per_second <= 0 or command.pace.burst < 1:
        raise OnboardingError("pace", "is-not-more-than-nothing")


ASKS_FOR = frozenset({Scope.FAMILIES_READ, Scope.ACCESS_EVALUATE})
"""The scopes by which a partner asks for practitioners of agencies."""


def _require_its_agencies(command: AddPartner, onboarding: Onboarding) -> None:
    """It asks for practitioners of agencies that we know; families under the partner's own key.

    One that asks questions and names no agency is answered no, whoever it asks for.
    """
    shows_families = Scope.FAMILIES_READ in command.scopes
    if shows_families and not command.agencies:
        raise OnboardingError("agency", "is-missing: whose practitioners does it ask for")
    if command.agencies and ASKS_FOR.isdisjoint(command.scopes):
        raise OnboardingError("agency", f"is-for {', '.join(sorted(ASKS_FOR))}")
    if onboarding.registry.unknown_agencies(command.agencies):
        raise OnboardingError("agency", "is-not-known: the directory has no agency of that code")
    answers = Scope.COMMUNITY_WRITE in command.scopes
    if answers != (command.answers_for is not None):
        raise OnboardingError("answers-for", f"goes-with: {Scope.COMMUNITY_WRITE}")
    if command.answers_for is not None and not onboarding.registry.offers(command.answers_for):
        raise OnboardingError("answers-for", "is-not-known: the directory has nobody of that code")
    if shows_families and not command.keys:
        raise OnboardingError("credential", "is-not-a-public-key: families:read takes a signature")


def _give(
    partner: PartnerId, command: AddPartner | RotateCredentials, onboarding: Onboarding
) -> str | None:
    now = onboarding.clock.now()
    for key in command.keys:
        if not onboarding.registry.add_key(partner, key, at=now):
            raise OnboardingError("public-key", "is-one-that-it-has-or-had: make a new one")
    if not command.with_secret:
        return None
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    onboarding.registry.add_secret(partner, onboarding.hash_secret(partner, secret), at=now)
    return secret


def _enter(event: LedgerEvent, fields: Mapping[str, FieldValue], onboarding: Onboarding) -> None:
    entry = ledger_entry(event, fields, at=onboarding.clock.now(), actor=onboarding.by)
    onboarding.ledger.append([entry])
