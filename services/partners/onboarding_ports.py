"""The book of partners as those who keep it write it. All calls join one transaction."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.ports import Clock, Ledger
from schemas.vocabulary import LabelledCode
from services.partners.ports import Partner, PartnerId
from services.partners.public_keys import PublicKey


class CredentialKind(LabelledCode):
    """What a partner shows that it is itself with."""

    PUBLIC_KEY = "public-key", "A key whose private half it holds"
    SECRET = "secret", "A secret that it was given"


@dataclass(frozen=True, slots=True)
class CredentialEntry:
    """One credential: since when and until when; `kid` names a public key."""

    kind: CredentialKind
    kid: str | None
    added_at: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class PartnerEntry:
    """A partner with its credentials, the newest first."""

    partner: Partner
    added_at: datetime
    credentials: Sequence[CredentialEntry]


class PartnerRegistry(Protocol):
    """Partners and their credentials."""

    def find(self, partner: PartnerId) -> PartnerEntry | None:
        """One partner."""

    def all(self) -> Sequence[PartnerEntry]:
        """Every partner, by name."""

    def add(self, partner: Partner, *, at: datetime) -> bool:
        """Enter a partner; false, and nothing is changed, when there is one of that name."""

    def unknown_agencies(self, agencies: Collection[str]) -> Collection[str]:
        """Those of the agencies that are not in the directory."""

    def add_key(self, partner: PartnerId, key: PublicKey, *, at: datetime) -> bool:
        """Enter a key; false when the partner has or had one of that id."""

    def add_secret(self, partner: PartnerId, secret_hash: bytes, *, at: datetime) -> None:
        """Enter a secret, of which only the hash is told."""

    def retire(self, partner: PartnerId, kind: CredentialKind, *, until: datetime) -> None:
        """Let the partner's credentials of this kind end then, unless they end before."""

    def suspend(self, partner: PartnerId, *, at: datetime) -> None:
        """Shut the partner out, and forget its tokens: what begins after it finds none."""

    def resume(self, partner: PartnerId) -> None:
        """Let the partner in again; it has to ask for new tokens."""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """What partners are onboarded with; `hash_secret` gives what is kept of a secret."""

    registry: PartnerRegistry
    ledger: Ledger
    clock: Clock
    hash_secret: Callable[[PartnerId, str], bytes]
