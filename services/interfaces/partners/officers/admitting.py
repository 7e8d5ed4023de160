"""What lets a partner in takes two officers: adding it, new keys, letting it in again, and clients.

As which client a provider of sign-in knows it says whose tokens it may bring.

One asks; nothing of it holds until another, under a system account of their own, confirms it. A
secret is made then and told to whoever confirms. Shutting out is for one, at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

from services.interfaces.partners.errors import OnboardingError
from services.interfaces.partners.oauth.clients import PublicKey
from services.interfaces.partners.officers.explaining import explaining
from services.interfaces.partners.onboarding import (
    AddPartner,
    Given,
    NameClient,
    Onboarding,
    RotateCredentials,
    add_partner,
    name_client,
    onboarding_in,
    resume_partner,
    rotate_credentials,
)
from services.interfaces.partners.ports import KnownAs, Pace, PartnerId, Scope
from services.people.governance.orders import (
    NotTheirs,
    Order,
    answer_by_two,
    ask_by_two,
    refuse,
    why_not_theirs,
)
from services.work import UnitOfWork

KIND = "partner-change"


@dataclass(frozen=True, slots=True)
class ResumePartner:
    """Order: let a suspended partner in again."""

    partner: PartnerId


Change = AddPartner | RotateCredentials | ResumePartner | NameClient


def ask_change(change: Change, *, by: str, work: UnitOfWork) -> Given | Order:
    """Ask for a change. Raises OnboardingError for one that could not be carried out now.

    Where families are invented it is carried out with that; elsewhere it waits, and lapses. The
    transaction has to be the owner's.
    """
    _try(change, by, work)

    def carry_out(order: Order) -> Given:
        del order
        return _carry_out(change, onboarding_in(work, by=by))

    return ask_by_two(KIND, _document(change), by=by, hands=explaining(work), carry_out=carry_out)


def answer_change(
    order_id: str, *, by: str, confirms: bool, work: UnitOfWork
) -> Given | Order | NotTheirs | OnboardingError:
    """Carry out what another officer asked for, or decline it; or why that is not for `by`.

    A failed attempt is entered. Where it cannot be carried out any more, gives why: the order
    waits on, for the day when it can be, or for somebody to decline it.
    """

    def why_not(order: Order) -> OnboardingError | None:
        not_theirs = why_not_theirs(order, by, confirms=confirms, orders=work.orders, at=work.now)
        if not confirms or not_theirs is not None:
            return None
        try:
            _try(_change(order.document), by, work)
        except OnboardingError as error:
            refuse(order, NotTheirs.CANNOT_BE, by=by, ledger=work.ledger, at=work.now)
            return error
        return None

    def carry_out(order: Order) -> Given:
        return _carry_out(_change(order.document), onboarding_in(work, by=by))

    return answer_by_two(
        {KIND},
        order_id,
        by=by,
        confirms=confirms,
        hands=explaining(work),
        why_not=why_not,
        carry_out=carry_out,
    )


def _try(change: Change, by: str, work: UnitOfWork) -> None:
    """Raise OnboardingError where it could not be carried out; nothing of the try is kept."""
    with work.connection.begin_nested() as trying:
        _carry_out(change, onboarding_in(work, by=by))
        trying.rollback()


def _carry_out(change: Change, onboarding: Onboarding) -> Given:
    match change:
        case AddPartner():
            return add_partner(change, onboarding=onboarding)
        case RotateCredentials():
            return rotate_credentials(change, onboarding=onboarding)
        case ResumePartner():
            return Given(resume_partner(change.partner, onboarding=onboarding))
        case NameClient():
            return name_client(change, onboarding=onboarding)
        case _:
            assert_never(change)


# The change as an order keeps it: public keys, and of a secret only that one is to be made.


def _document(change: Change) -> dict[str, Any]:
    match change:
        case AddPartner():
            return {
                "act": "add",
                "name": change.name,
                "scopes": sorted(change.scopes),
                "la_code": change.la_code,
                "per_second": change.pace.per_second,
                "burst": change.pace.burst,
                "agencies": sorted(change.agencies),
                "answers_for": change.answers_for,
                **_credentials(change),
            }
        case RotateCredentials():
            seconds = change.overlap.total_seconds()
            told = {"act": "rotate", "partner": change.partner, "overlap_seconds": seconds}
            return told | _credentials(change)
        case ResumePartner():
            return {"act": "resume", "partner": change.partner}
        case NameClient():
            known_as = {"issuer": change.known_as.issuer, "client": change.known_as.client}
            return {"act": "name-client", "partner": change.partner, **known_as}
        case _:
            assert_never(change)


def _credentials(change: AddPartner | RotateCredentials) -> dict[str, Any]:
    keys = [{"kid": key.kid, "jwk": dict(key.jwk)} for key in change.keys]
    return {"keys": keys, "with_secret": change.with_secret}


def _change(document: Mapping[str, Any]) -> Change:
    return _READ[document["act"]](document)


def _keys(document: Mapping[str, Any]) -> list[PublicKey]:
    return [PublicKey(one["kid"], one["jwk"]) for one in document["keys"]]


def _read_add(document: Mapping[str, Any]) -> AddPartner:
    return AddPartner(
        name=document["name"],
        scopes=frozenset(Scope(scope) for scope in document["scopes"]),
        la_code=document["la_code"],
        pace=Pace(document["per_second"], document["burst"]),
        keys=_keys(document),
        with_secret=document["with_secret"],
        agencies=frozenset(document["agencies"]),
        answers_for=document.get("answers_for"),
    )


def _read_rotate(document: Mapping[str, Any]) -> RotateCredentials:
    overlap = timedelta(seconds=document["overlap_seconds"])
    partner = PartnerId(document["partner"])
    return RotateCredentials(partner, overlap, _keys(document), document["with_secret"])


def _read_resume(document: Mapping[str, Any]) -> ResumePartner:
    return ResumePartner(PartnerId(document["partner"]))


def _read_name_client(document: Mapping[str, Any]) -> NameClient:
    known_as = KnownAs(document["issuer"], document["client"])
    return NameClient(PartnerId(document["partner"]), known_as)


_READ: Mapping[str, Callable[[Mapping[str, Any]], Change]] = {
    "add": _read_add,
    "rotate": _read_rotate,
    "resume": _read_resume,
    "name-client": _read_name_client,
}
