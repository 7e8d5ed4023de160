"""The portal in production on a port of its own, for providers of sign-in that are real."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import text

from services.people.practitioners.sessions import SessionLimits
from services.people.signing_in.accounts import SignIn, next_account
from services.people.signing_in.ports import SignInClient
from services.people.signing_in.providers import ProviderKind
from services.platform.clock import SystemClock
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.portal.browser import served
from tests.support.signing_in import id_claims

_LIMITS = SessionLimits(idle=timedelta(minutes=30), whole=timedelta(hours=10))
_SUBJECT = {ProviderKind.NHS_CIS2: "sub", ProviderKind.ENTRA_ID: "oid"}


@dataclass(frozen=True, slots=True)
class RealDoor:
    """Where the portal is, and the database behind it."""

    url: str
    running: InProcess

    def join(self, kind: ProviderKind, issuer: str) -> None:
        """Let whoever signs in there open the visitor's account, as if both hands had been."""
        with unit_of_work(self.running.portal) as work:
            accounts = work.sign_in_accounts
            digest = accounts.digest(issuer, str(id_claims(kind)[_SUBJECT[kind]]))
            hands = {"asked_by": "operator:one", "warranted_by": "operator:other"}
            before, sign_in = accounts.newest(VISITOR, digest), SignIn(kind.value, digest)
            accounts.add(next_account(before, VISITOR, sign_in, **hands, at=work.now))

    def accept_conditions(self) -> None:
        """As if the visitor had done so today."""
        with self.running.outside.engine.begin() as connection:
            accepted = text("INSERT INTO conditions_accepted VALUES (:who, '2026-11', now())")
            connection.execute(accepted, {"who": VISITOR})


def address_of(listener: socket.socket) -> str:
    """Where browsers find what is served on it."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def a_real_door(
    outside: Outside, client: SignInClient, listener: socket.socket
) -> Iterator[RealDoor]:
    """Serve it, by this machine's clock, as providers do what they do by it too."""
    with InProcess.running(replace(outside, clock=SystemClock())) as running:
        portal = PortalOnDatabase(
            running.portal, demonstration=False, receipts=AN_ISSUER, sign_in=client, limits=_LIMITS
        )
        app = create_app(portal, PortalSettings("Exbury Council", cookie_secure=False))
        with served(app, listener) as url:
            yield RealDoor(url, running)
