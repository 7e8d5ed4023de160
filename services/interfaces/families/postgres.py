"""Families for partners on PostgreSQL: who asks for whom, and the reading, in one transaction."""

from dataclasses import replace

from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.interfaces.families.reading import ReadForPartner, read_for_partner
from services.interfaces.families.text import FamilyForm, FamilyText
from services.interfaces.partners.calling import NO_TOKEN, log_refusal, require, token_in
from services.interfaces.partners.edge import PartnerLog
from services.interfaces.partners.errors import (
    NotAuthenticatedError,
    PractitionerNotNamedError,
    TooManyRequestsError,
)
from services.interfaces.partners.oauth.postgres import PostgresAccessTokens, ReadBy
from services.interfaces.partners.oauth.postgres_pacing import PacedAhead
from services.interfaces.partners.ports import Caller, OpenWork, Scope
from services.interfaces.partners.work import partner_work
from services.people.relationships.postgres import PostgresLastingRelationships
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.profile.model import ProfileRefused
from services.profile.postgres_looks import PostgresLooks
from services.profile.viewing import ReadProfile, opaque_or_nobody
from services.work import Outside, ReadingPool, UnitOfWork, unit_of_work
from services.work.postgres_ahead import NoLongerReadByError

_TAG_DIGITS = 32


class ReadingFamilies:
    """Families for partners: who calls is found, and let in, in the transaction of the reading."""

    def __init__(self, portal: Outside, open_work: OpenWork, pacing: PacedAhead) -> None:
        self._portal = portal
        self._readings = ReadingPool(portal)
        self._open_work = open_work
        self._pacing = pacing
        self._tokens = KeyedHasher(portal.vault.secret(SecretName.PARTNERS))

    def read(
        self, authorization: str | None, family: str, any_of: frozenset[Scope], form: FamilyForm
    ) -> FamilyText | ProfileRefused:
        """The family of the person with this opaque id, or why not; either is on the ledger.

        Whatever is no id of anybody reads like somebody with whom there is no relationship. The
        look says through which partner it came. Emergency and presence count for nothing here.
        Raises (1) NotAuthenticatedError, (2) TooManyRequestsError, (3) ScopeMissingError,
        (4) PractitionerNotNamedError when the token names nobody for whom its partner may speak,
        which is entered; and ServiceUnavailableError when database or ledger cannot be reached or
        written.
        """
        token = token_in(authorization)
        if token is None:
            raise self._refused()
        digest = self._tokens.digest("access-token", token)
        try:
            return self._read(digest, PersonId(family), any_of, form)
        except NoLongerReadByError:
            raise NotAuthenticatedError("the access token has ceased to hold") from None

    def tag(self, hashed: bytes) -> str:
        """A keyed hash of a representation: the same for the same bytes, telling nothing of them.

        Letters, digits, hyphens and underscores.
        """
        found = self._portal.hasher.opaque("entity-tag", hashed.hex())
        return found[:_TAG_DIGITS]

    def _read(
        self, token: bytes, family: PersonId, any_of: frozenset[Scope], form: FamilyForm
    ) -> FamilyText | ProfileRefused:
        with self._readings.reading_work(token=token) as work:
            found = PostgresAccessTokens(work.connection, work.now, work.bound).reader(
                token, at=work.now
            )
            if found is None:
                raise self._refused()  # (1)
            caller, reader = found
            wait = self._pacing.take(f"partner:{caller.partner}", caller.pace)
            if wait is not None:
                raise TooManyRequestsError(wait)  # (2)
            require(caller, any_of)  # (3)
            if reader is not None:
                return _answer(work, caller, reader, family, form)
        self._enter_not_named(caller)
        raise PractitionerNotNamedError("the token names no practitioner for whom you may speak")

    def _refused(self) -> NotAuthenticatedError:
        """Unknown, over, or its partner suspended: which of them is nobody's business."""
        with self._open_work() as work:
            log_refusal(work, PartnerLog.TOKEN_REFUSED)
        return NotAuthenticatedError(NO_TOKEN)

    def _enter_not_named(self, caller: Caller) -> None:
        event, actor = LedgerEvent.PRACTITIONER_NAMING_REFUSED, f"partner:{caller.partner}"
        with unit_of_work(self._portal) as work:
            because = {"because": "names-nobody"}
            work.ledger.append([ledger_entry(event, because, at=work.now, actor=actor)])


def _answer(
    work: UnitOfWork, caller: Caller, reader: ReadBy, family: PersonId, form: FamilyForm
) -> FamilyText | ProfileRefused:
    acting, partner = reader.acting, caller.partner
    known = opaque_or_nobody(family)
    order = ReadProfile(known, acting.practitioner, reader.role, reader.agency_kind, acting.purpose)
    looks = PostgresLooks(work.connection, work.clusters, through=partner, use=acting.use)
    lasting = PostgresLastingRelationships(work.connection, work.now, work.bound, work.clusters)
    reading = replace(work.reading(), looks=looks, relationships=lasting)
    is_told_why = Scope.ACCESS_EXPLAIN in caller.scopes
    return read_for_partner(ReadForPartner(partner, order, is_told_why), form, reading=reading)


def reading_families(portal: Outside, connectors: Outside) -> ReadingFamilies:
    """Read with the portal's rights, which are those to read what a page would show.

    How often a partner asks is counted with the connectors'.
    """
    return ReadingFamilies(portal, partner_work(connectors), PacedAhead(connectors))
