"""What a service answers is a record like any other, by whichever door: permitted, told, purged."""

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
from httpx2 import Response as Answer
from sqlalchemy import text

from consent.model import Decider, DeciderKind, Response
from schemas.identifiers import DecisionId
from schemas.records.payloads import ConnectionReport, ReportedStatus, StoryEntry
from schemas.records.published import PublishedRecord
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Purpose, Source
from services.interfaces.connections.life import ConnectionChange, ConnectionStatus, DeclineReason
from services.interfaces.connections.model import ServiceConnection
from services.interfaces.partners.described.examples import ANSWERED, ASKED
from services.interfaces.partners.ports import PartnerId, Scope
from services.work import unit_of_work
from tests.support.partners_database import PartnersOnDatabase
from tests.support.people.connecting_world import PARTNER, ConnectingWorld

pytestmark = pytest.mark.postgres

HERSELF = Decider(DeciderKind.ADULT_SELF, "themselves")
WORDS = "We ring on Mondays; she likes the early group."


def refuse(connecting: ConnectingWorld) -> DecisionId:
    """Let the mother say no to early help being shared, for whatever it is asked."""
    recorded = connecting.world.running.decide(
        connecting.world.mother,
        response=Response.REFUSED,
        categories=frozenset({Category.EARLY_HELP}),
        purposes=frozenset(Purpose),
        decided_by=HERSELF,
    )
    return recorded.decision.id


def community(connecting: ConnectingWorld) -> list[PublishedRecord]:
    """What the shared side has from services in the community."""
    connecting.world.running.settle()
    found = connecting.world.running.stored(connecting.world.mother)
    return [record for record in found if record.source is Source.COMMUNITY]


def report_in(records: list[PublishedRecord]) -> ConnectionReport:
    (report,) = (r.payload for r in records if isinstance(r.payload, ConnectionReport))
    return report


@dataclass(frozen=True, slots=True)
class TwoSystems:
    """The interfaces, with a system that answers for the partner and one for another."""

    partners: PartnersOnDatabase
    own: PartnerId
    others: PartnerId

    def answer(
        self, connection: ServiceConnection, once: str, name: PartnerId | None = None, **said: Any
    ) -> Answer:
        """Answer as a partner's system does."""
        headers = self.partners.token(name or self.own) | {
            "If-Match": f'"{connection.version}"',
            "Idempotency-Key": once,
        }
        path = f"/partners/v1/connections/{connection.id}/answers"
        return self.partners.http.post(path, json=said, headers=headers)

    def read(self, connection: ServiceConnection, name: PartnerId | None = None) -> Answer:
        """Read a request."""
        headers = self.partners.token(name or self.own)
        return self.partners.http.get(f"/partners/v1/connections/{connection.id}", headers=headers)


_numbers = count(1)


@pytest.fixture
def systems(connecting: ConnectingWorld) -> TwoSystems:
    """Give both."""
    running, n = connecting.world.running, next(_numbers)
    with unit_of_work(running.outside) as work:
        work.connection.execute(
            text("""
                INSERT INTO directory_partner (partner_code, name, kind, added_by, added_at)
                VALUES ('st-aldhelms', 'St Aldhelms', 'faith', 'job:test', now())
                ON CONFLICT DO NOTHING
            """)
        )
    partners = PartnersOnDatabase.over(running)
    own, others = PartnerId(f"home-start-{n}"), PartnerId(f"st-aldhelms-{n}")
    for name, code in ((own, PARTNER), (others, "st-aldhelms")):
        partners.onboard(name, Scope.COMMUNITY_WRITE, answers_for=code)
    return TwoSystems(partners, own, others)


def test_both_doors_give_the_same_record_and_the_services_words_another(
    connecting: ConnectingWorld, systems: TwoSystems
):
    """A yes on the page, then a report by the system, sent twice: one request, each told once."""
    accepted = connecting.accepted()
    on_the_page = report_in(community(connecting))

    spoke_on = uk_day(connecting.world.clock.now()).isoformat()
    said: dict[str, Any] = {
        "answer": "contact",
        "contacted_on": spoke_on,
        "next_step": "first-meeting",
        "words": WORDS,
        "role": "Coordinator",
    }
    first = systems.answer(accepted, "first-contact", **said)
    again = systems.answer(accepted, "first-contact", **said)
    found = community(connecting)

    assert (on_the_page.service, on_the_page.status) == ("Feeding friends", ReportedStatus.ACCEPTED)
    assert first.status_code == 200, first.text
    assert (first.json(), first.headers["ETag"]) == (again.json(), f'"{first.json()["version"]}"')
    told = report_in(found)
    assert (told.status, told.contacted_on) == (ReportedStatus.CONTACTED, spoke_on)
    assert (told.next_step, told.partner) == ("first-meeting", "Home-Start Northfield")
    (words,) = (record for record in found if isinstance(record.payload, StoryEntry))
    assert isinstance(words.payload, StoryEntry)
    assert words.payload.text == WORDS
    assert words.payload.written_by == "Coordinator, Home-Start Northfield"
    assert words.kept_to == {"category:early-help"}


def test_a_system_sees_and_answers_its_own_requests_while_they_are_agreed(
    connecting: ConnectingWorld, systems: TwoSystems
):
    """Another's, one of an older version and one that was taken back are answered no."""
    sent = connecting.sent()
    listed = systems.partners.get("connections", systems.own)["connections"]
    shown = systems.read(sent).json()
    foreign = systems.read(sent, systems.others)
    foreign_answer = systems.answer(sent, "not-my-own", systems.others, answer="accept")
    older = systems.answer(replace(sent, version=1), "too-late-for", answer="accept")
    early = systems.answer(sent, "too-early-for", answer="start")
    without = systems.answer(sent, "why-not-say", answer="decline")
    wrong = systems.answer(sent, "why-not-say", answer="decline", reason="goals-met")

    connecting.withdraw_decisions(sent)
    gone = systems.answer(sent, "too-late-now", answer="accept")

    assert sent.id in {one["connection"] for one in listed}
    assert (shown["name"], shown["why"]) == ("Eva Novak", "Mornings are the hardest.")
    assert not any("Eva" in str(one) for one in listed)
    assert (foreign.status_code, foreign_answer.status_code) == (404, 404)
    assert foreign.json() == foreign_answer.json() == gone.json() == systems.read(sent).json()
    assert (older.status_code, early.status_code) == (412, 409)
    assert (without.status_code, wrong.status_code) == (409, 409)
    assert connecting.find(sent.id).status is ConnectionStatus.SENT


def test_the_published_example_is_taken_and_answered_as_published(
    connecting: ConnectingWorld, systems: TwoSystems
):
    """As vendors try it first: a no, with another service, words and a role."""
    sent = connecting.sent()

    answer = systems.answer(sent, "as-published", **ASKED["answer-connection"]["application/json"])

    assert answer.status_code == 200, answer.text
    example: Any = ANSWERED["answer-connection"]
    assert answer.json() == example | {"connection": sent.id, "version": sent.version + 2}


def test_what_may_not_be_shared_waits_with_its_request_and_a_purge_takes_it_away(
    connecting: ConnectingWorld,
):
    """Told once it is permitted, gone from the profile once that is refused, and told again."""
    no = refuse(connecting)
    declined = connecting.answer(
        connecting.sent().id, ConnectionChange.DECLINE, declined=DeclineReason.WAITING_LIST
    )
    withheld = community(connecting)
    connecting.world.running.withdraw(no)
    told = report_in(community(connecting))

    no_again = refuse(connecting)
    purged = community(connecting)
    connecting.world.running.withdraw(no_again)
    again = report_in(community(connecting))

    assert isinstance(declined, ServiceConnection)
    assert (withheld, purged) == ([], [])
    assert (told.status, told.reason_code) == (ReportedStatus.DECLINED, "waiting-list")
    assert again == told
