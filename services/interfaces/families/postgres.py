"""Families for partners on PostgreSQL: who asks for whom, and the reading, in one transaction."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from hashlib import sha256

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.interfaces.families.reading import ReadForPartner, read_for_partner
from services.interfaces.partners.acting import ActingFor
from services.interfaces.partners.errors import NotAuthenticatedError, PractitionerNotNamedError
from services.interfaces.partners.oauth.postgres import PostgresAccessTokens
from services.interfaces.partners.ports import Caller, Scope
from services.people.practitioners.people import SignedInPractitioner
from services.people.relationships.postgres import PostgresLastingRelationships
from services.profile.model import Profile, ProfileRefused
from services.profile.postgres_looks import PostgresLooks
from services.profile.viewing import reading_order
from services.work import Outside, UnitOfWork, unit_of_work
from services.work.postgres_ahead import ReadingPool

_TAG_DIGITS = 32


class PostgresFamilies:
    """One transaction in which one caller asks, for the practitioner whom its token names."""

    def __init__(self, work: UnitOfWork, caller: Caller, acting: ActingFor) -> None:
        self._work = work
        self._caller = caller
        self._acting = acting

    def read(self, family: str) -> Profile | ProfileRefused:
        """The family of the person with this opaque id, or why not; either is on the ledger.

        Whatever is no id of anybody reads like somebody with whom there is no relationship. The
        look says through which partner it came. Emergency and presence count for nothing here.
        """
        order = reading_order(self._practitioner(), PersonId(family), self._acting.purpose)
        partner, is_told_why = self._caller.partner, Scope.ACCESS_EXPLAIN in self._caller.scopes
        work = self._work
        looks = PostgresLooks(work.connection, work.clusters, through=partner, use=self._acting.use)
        lasting = PostgresLastingRelationships(work.connection, work.now, work.bound, work.clusters)
        reading = replace(work.reading(), looks=looks, relationships=lasting)
        return read_for_partner(ReadForPartner(partner, order, is_told_why), reading=reading)

    def tag(self, content: bytes) -> str:
        """A keyed hash of a representation: the same for the same bytes, telling nothing of them.

        Letters, digits, hyphens and underscores.
        """
        found = self._work.hasher.opaque("entity-tag", sha256(content).hexdigest())
        return found[:_TAG_DIGITS]

    def _practitioner(self) -> SignedInPractitioner:
        found = self._work.directory.practitioner(self._acting.practitioner)
        if found is None:
            raise PractitionerNotNamedError("the practitioner is in the directory no more")
        return found


OpenFamilies = Callable[[Caller], AbstractContextManager[PostgresFamilies]]
"""Opens a transaction: committed when the block ends, rolled back when it raises.

Raises NotAuthenticatedError when the token has ceased to hold, PractitionerNotNamedError when it
names nobody for whom its partner may speak, and ServiceUnavailableError when database or ledger
cannot be reached or written.
"""


def opening_families(portal: Outside) -> OpenFamilies:
    """Read with the portal's rights, which are those to read what a page would show."""
    readings = ReadingPool(portal)

    @contextmanager
    def open_families(caller: Caller) -> Iterator[PostgresFamilies]:
        try:
            with readings.reading_work() as work:
                still = _caller_still(caller, work)
                yield PostgresFamilies(work, still, _acting_of(still))
        except PractitionerNotNamedError:
            # What was begun is undone, so that it was refused is entered by itself.
            with unit_of_work(portal) as work:
                work.ledger.append([_not_named(caller, work)])
            raise

    return open_families


def _caller_still(caller: Caller, work: UnitOfWork) -> Caller:
    """Who calls, as it is in this transaction: much may have changed since the token was shown."""
    tokens = PostgresAccessTokens(work.connection, work.now, work.bound)
    tokens.keep_from_suspension(caller.partner)
    found = tokens.caller(caller.token_hash, at=work.now)
    if found is None:
        raise NotAuthenticatedError("the access token has ceased to hold")
    return found


def _acting_of(caller: Caller) -> ActingFor:
    """For whom: whose own token the partner brought."""
    if caller.acting is None:
        raise PractitionerNotNamedError("the token names no practitioner for whom you may speak")
    return caller.acting


def _not_named(caller: Caller, work: UnitOfWork) -> LedgerEntry:
    event, actor = LedgerEvent.PRACTITIONER_NAMING_REFUSED, f"partner:{caller.partner}"
    return ledger_entry(event, {"because": "names-nobody"}, at=work.now, actor=actor)
