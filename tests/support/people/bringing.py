"""Tokens that practitioners were given and partners bring, and the sign-ins behind them."""

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role
from services.interfaces.partners.oauth.exchange import KINDS
from services.interfaces.partners.oauth.tokens import EXCHANGE_GRANT
from services.people.signing_in.accounts import SignIn, next_account
from services.people.signing_in.demonstration import DemonstrationIssuer, SignedIn
from services.people.signing_in.tokens import BroughtKind
from services.work import UnitOfWork
from tests.support.builders import NOW, VISITOR
from tests.support.partners import NORTHFIELD

ISSUER: Final = DemonstrationIssuer(b"a secret of the demonstration's!")
TYPE_OF: Final[Mapping[BroughtKind, str]] = {kind: name for name, kind in KINDS.items()}
_numbers = itertools.count(1)


def a_brought_token(
    who: PractitionerId = VISITOR,
    *,
    client: str = NORTHFIELD,
    role: Role = Role.PRACTITIONER,
    agency: str = "A1",
    signed_in_at: datetime = NOW,
    at: datetime = NOW,
) -> str:
    """Sign a token of the demonstration: by default one that is fresh, and made for the partner."""
    signed_in = SignedIn(who, role, agency, signed_in_at)
    return ISSUER.sign(signed_in, client=client, token_id=f"t-{next(_numbers)}", at=at)


def an_exchange(
    assertion: Mapping[str, str], token: str, purpose: str = Purpose.DIRECT_CARE, **more: Any
) -> dict[str, str]:
    """Write the form of a token exchange. A field that is None is left out."""
    usual = {
        "grant_type": EXCHANGE_GRANT,
        "subject_token": token,
        "subject_token_type": TYPE_OF[BroughtKind.ID_TOKEN],
        "purpose": purpose,
    }
    said = {**assertion, **usual, **more}
    return {name: str(value) for name, value in said.items() if value is not None}


def join(work: UnitOfWork, practitioner: PractitionerId, issuer: str, subject: str) -> None:
    """Let a sign-in open an account, as if both hands had been there."""
    accounts = work.sign_in_accounts
    sign_in = SignIn("card", accounts.digest(issuer, subject))
    before = accounts.newest(practitioner, sign_in.digest)
    hands = {"asked_by": "operator:one", "warranted_by": "operator:other"}
    accounts.add(next_account(before, practitioner, sign_in, **hands, at=work.now))
