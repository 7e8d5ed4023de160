"""A trust and its auditors over real pages: reviews, hits of rules, families' questions."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.audit.unusual.hits import Hit
from services.people.governance.queue import ItemKind, raise_item
from services.people.signing_in.accounts import SignIn, next_account
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.audit.unusual_world import UnusualWorld
from tests.support.audit.watching import WATCHED
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.people.auditing import COUNCIL, AuditedTrust, an_audited_trust
from tests.support.people.relating import a_colleague, relate
from tests.support.portal.pages import Page, PageClient

GOVERNANCE = Role.INFORMATION_GOVERNANCE
OTHER_NUMBER = "9990000026"


@dataclass(frozen=True, slots=True)
class ReviewsWorld:
    """Two auditors, one of the worker's team, and one who is the worker by another account."""

    trust: AuditedTrust
    unusual: UnusualWorld
    app: FastAPI
    teammate: PractitionerId
    other_self: PractitionerId
    stranger: PersonId

    @property
    def running(self) -> InProcess:
        """The processes over the database."""
        return self.trust.running

    @property
    def clock(self) -> StandingClock:
        """By which it all goes."""
        return self.trust.clock

    @property
    def one(self) -> PractitionerId:
        """Ruth Adeyemi."""
        return _account(self.trust.auditors[0].practitioner)

    @property
    def other(self) -> PractitionerId:
        """Marta Silva."""
        return _account(self.trust.auditors[1].practitioner)

    def browser(self, who: PractitionerId) -> PageClient:
        """Sign somebody in."""
        client = PageClient(self.app)
        client.sign_in(who)
        return client

    def raised(
        self,
        kind: ItemKind = ItemKind.EMERGENCY,
        *,
        by: str = f"practitioner:{VISITOR}",
        days_ago: int = 0,
        person: PersonId | None = None,
    ) -> str:
        """Let something wait for a review, about the child or somebody else; gives its id."""
        with unit_of_work(self.trust.portal) as work:
            item = raise_item(
                kind,
                secrets.token_hex(16),
                by=by,
                queue=work.queue,
                ledger=work.ledger,
                at=work.now - timedelta(days=days_ago),
                person=person or self.trust.child,
            )
        return item.id

    def a_hit(self, worker: PractitionerId | None = None, *, days_ago: int = 3) -> Hit:
        """Refused again and again within an hour: one hit, of somebody new."""
        who = worker or self.unusual.worker()
        first = self.unusual.noon(days_ago=days_ago)
        times = (first + n * timedelta(minutes=1) for n in range(5))
        self.unusual.enter(*(self.unusual.refused(who, self.trust.child, at) for at in times))
        self.unusual.sweep()
        (hit,) = [hit for hit in self.unusual.hits() if hit.practitioner == who]
        return hit

    def asked_by_family(self) -> str:
        """The health visitor enters a question; the page of it that auditors see."""
        page = f"/families/{self.trust.child}/question"
        answer = self.browser(VISITOR).send_raw(page, page, {"asks": "why-looked"})
        assert answer.status_code == 303
        item = self.entered(LedgerEvent.GOVERNANCE_ITEM_RAISED)[-1].fields["item"]
        return f"/audit/family-questions/{item}"

    def says(self, who: PractitionerId, page: str, said: str, because: str = "") -> Page | None:
        """Say something on a page; None where it was taken, else the page that says why not."""
        form = {"state": self.state_on(who, page), "said": said, "because": because}
        answer = self.browser(who).send_raw(page, page, form)
        return None if answer.status_code == 303 else Page(answer)

    def state_on(self, who: PractitionerId, page: str) -> str:
        """The number of the state that a page shows."""
        (field,) = self.browser(who).get(page).tree.xpath("//input[@name='state']/@value")
        return str(field)

    def entered(self, *events: LedgerEvent) -> list[LedgerEntry]:
        """What the ledger has of these events."""
        return self.running.ledger(*events)


def _account(found: PractitionerId | None) -> PractitionerId:
    assert found is not None, "an auditor has an account"
    return found


@contextmanager
def a_reviews_world(outside: Outside, clock: StandingClock) -> Iterator[ReviewsWorld]:
    """Fill an empty database."""
    with InProcess.running(outside) as running:
        trust = an_audited_trust(running, clock)
        (stranger,) = running.decide(by_number(OTHER_NUMBER)).decision.subjects
        with unit_of_work(running.portal) as work:
            relate(work, VISITOR, trust.child)
            teammate, other_self = (
                a_colleague(work, COUNCIL, role=GOVERNANCE, name=name)
                for name in ("Tess Mate", "Vera Other")
            )
            _one_human(work, VISITOR, other_self)
        unusual = UnusualWorld(running, clock.now())
        unusual.take_in(f"{VISITOR},Marlford,Team One,,,,", f"{teammate},Mate,team one,,,,")
        services = PortalOnDatabase(
            running.portal, demonstration=True, receipts=AN_ISSUER, watched=WATCHED
        )
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        app = create_app(services, settings)
        yield ReviewsWorld(trust, unusual, app, teammate, other_self, stranger)


def _one_human(work: UnitOfWork, one: PractitionerId, other: PractitionerId) -> None:
    """One sign-in opens both accounts."""
    sign_in = SignIn("sandbox", bytes(32))
    for who in (one, other):
        account = next_account(
            None,
            who,
            sign_in,
            asked_by="job:test",
            warranted_by="job:other",
            at=work.now,
        )
        work.sign_in_accounts.add(account)


__all__ = ["AGENCY", "GOVERNANCE", "ReviewsWorld", "a_reviews_world"]
