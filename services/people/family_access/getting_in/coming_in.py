"""Whoever came back from a provider: the page that is theirs, or that they are asked to the hub.

(1) Whoever came in by this provider before comes in again, while nothing speaks against it.
(2) Anybody else is whom a proved identity means (`matching`), or nobody. (3) A page that somebody,
or a worker with them, turned off is not turned on again by a provider: they meet somebody.
Both parents, and nobody, are answered alike; why is for the ledger.
"""

from collections.abc import Collection
from datetime import timedelta

from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Source
from services.people.family_access.getting_in.matching import who_it_is
from services.people.family_access.getting_in.ports import CameFromProvider, ProvedIdentity
from services.people.family_access.model import (
    BY_PROVIDER,
    AccessEnd,
    AccessStanding,
    FamilyAccess,
    WhyNoAccess,
)
from services.people.family_access.ports import NOBODY, FamilyDoor
from services.people.family_access.signing_in import (
    NOBODY_WORKS,
    FamilySignedIn,
    limit_of_network,
    open_session,
    why_off,
)
from services.people.linking.claims import IdentityClaim
from services.people.linking.facts import LinkFacts
from services.people.linking.postgres.facts import PostgresLikenesses
from services.people.signing_in.tokens import SignedOut

LASTS = timedelta(minutes=30)
"""How long somebody may take at the provider: proving who one is takes time."""
_JOB = "job:family-door"
_DIGEST_BYTES = 16
_MOST_ALIKE = 20
_TURNED_OFF = frozenset({AccessEnd.BY_THEMSELVES, AccessEnd.BY_WORKER})


def come_in(
    came: CameFromProvider, *, door: FamilyDoor, likenesses: PostgresLikenesses
) -> FamilySignedIn | WhyNoAccess:
    """Open the page of whoever came. WhyNoAccess.NOT_KNOWN without an identity asks for one."""
    digest = digest_of(came.issuer, came.subject, door)
    known = _known(digest, door)
    if came.identity is None:
        return WhyNoAccess.NOT_KNOWN if known is None else open_session(known, door)
    found = _matched(came.identity, door, likenesses)
    person = NOBODY if found is None else found
    door.rows.lock_person(person)
    access = known or _first(person, digest, door)
    why = _why_not(None if found is None and known is None else access, door)
    if why is not None:
        return refuse(why, door=door)
    if known is None:
        _write(access, door)
    return open_session(access, door)


def refuse(why: WhyNoAccess, *, door: FamilyDoor) -> WhyNoAccess:
    """Enter that somebody did not come in by a provider, and why."""
    door.enter(LedgerEvent.FAMILY_PROVIDER_REFUSED, {"because": why}, by=_JOB)
    return why


def is_within_limit(network: str, *, door: FamilyDoor) -> bool:
    """Whether this network has not asked too often; entered where it has."""
    return limit_of_network(network, door)


def sign_out_there(told: SignedOut, *, door: FamilyDoor) -> int:
    """End the sessions of whoever signed out at their provider; gives how many there were.

    A token that comes again ends none that was opened since it was made.
    """
    digest = digest_of(told.issuer, told.subject or "", door)
    ended = 0
    for access in door.rows.by_contact(digest):
        sessions = door.rows.end(at=door.at, access=access.id, opened_before=told.at)
        ended += len(sessions)
        if sessions:
            fields: dict[str, FieldValue] = {"access": access.id, "sessions": len(sessions)}
            door.enter(LedgerEvent.FAMILY_SIGNED_OUT, fields, by=access.actor)
    return ended


def digest_of(issuer: str, subject: str, door: FamilyDoor) -> bytes:
    """By what somebody is known who comes by a provider: a keyed hash, as of a contact."""
    return door.here.hasher.digest("family-provider", issuer, subject)[:_DIGEST_BYTES]


def _known(digest: bytes, door: FamilyDoor) -> FamilyAccess | None:
    """(1) The access that this sign-in opens; the same is asked where there is none."""
    every = [one for one in door.rows.by_contact(digest) if one.is_on(door.at)]
    access = every[0] if len(every) == 1 else None
    return access if why_off(access, door) is None else None


def _matched(
    identity: ProvedIdentity, door: FamilyDoor, likenesses: PostgresLikenesses
) -> PersonId | None:
    """(2) By what sources say of people; nobody's record is opened."""
    address, postcode = min(identity.homes, default=(None, None))
    number = identity.nhs_number
    facts = LinkFacts(
        given_names=frozenset(identity.given_names),
        family_names=identity.family_names,
        date_of_birth=identity.born.isoformat(),
        postcode=postcode,
        address=address,
        numbers=((IdentifierScheme.NHS_NUMBER, number),) if number else (),
    )
    claim = IdentityClaim(NOBODY, Source.FAMILY_HUB, facts, door.at)
    alike = [*likenesses.found_by([claim])][:_MOST_ALIKE]
    everyone = door.clusters.all_of({*alike, NOBODY}) if alike else [NOBODY]
    return who_it_is(identity, likenesses.claims(everyone), door.clusters.canonical(everyone))


def _first(person: PersonId, digest: bytes, door: FamilyDoor) -> FamilyAccess:
    return FamilyAccess(
        id=str(new_entry_id(door.at)),
        state=1,
        person=person,
        contact=digest,
        standing=AccessStanding.USED,
        given_by=NOBODY_WORKS,
        agency="",
        warrant=BY_PROVIDER,
        presence="",
        known_at=door.at,
    )


def _why_not(access: FamilyAccess | None, door: FamilyDoor) -> WhyNoAccess | None:
    why = why_off(access, door)
    if why is not None or access is None:
        return why or WhyNoAccess.NOT_KNOWN
    return WhyNoAccess.OFF if _was_turned_off(door.clusters.all_of([access.person]), door) else None


def _was_turned_off(ones: Collection[PersonId], door: FamilyDoor) -> bool:
    """(3) The last that was done to a page of theirs was to turn it off."""
    last = max(door.rows.of(ones), key=lambda one: one.known_at, default=None)
    return last is not None and last.because in _TURNED_OFF


def _write(access: FamilyAccess, door: FamilyDoor) -> None:
    door.rows.write(access, by=_JOB)
    fields: dict[str, FieldValue] = {
        "access": access.id,
        "subjects": [access.person],
        "contact": access.contact.hex(),
    }
    door.enter(LedgerEvent.FAMILY_PROVIDER_MATCHED, fields, by=_JOB)
