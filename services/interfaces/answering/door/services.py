"""What the pages of those who answer ask, each call one transaction that holds its entries."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from services.interfaces.answering.door.seeing import (
    AnswerGiven,
    OtherService,
    SeenRequest,
    open_for,
    others_in,
    reference_for,
    say,
    seen_by,
)
from services.interfaces.answering.links import coming_in
from services.interfaces.answering.links.coming_in import AnsweringBegun
from services.interfaces.answering.links.model import TERMS_VERSION, AnsweringSession
from services.interfaces.answering.links.ports import AnsweringPlace
from services.interfaces.answering.links.working import answering_desk, community_desk
from services.interfaces.connections.model import NotChanged
from services.interfaces.connections.telling.announcing import announced_with
from services.interfaces.connections.telling.said import MOST_ROLE
from services.interfaces.connections.working import connecting_in
from services.people.community.model import PartnerStanding
from services.people.community.registering import Asked, confirm_by_itself
from services.work import Outside, UnitOfWork, unit_of_work


class AnsweringOnDatabase:
    """The pages' questions on PostgreSQL. Raises ServiceUnavailableError: then nothing is shown."""

    def __init__(self, outside: Outside, place: AnsweringPlace) -> None:
        self._outside = outside
        self._place = place

    # Coming in and going away.

    def ask_for_code(self, link: str, browser: str, network: str) -> None:
        """Send a code where one may go; nothing tells whether that was anywhere."""
        with self._work() as work:
            desk = answering_desk(work, self._place)
            coming_in.ask_for_code(link, browser, network, desk=desk)

    def type_code(self, browser: str, code: str) -> str | None:
        """The secret of a session that was opened; the request is opened with it."""
        with self._work() as work:
            done = coming_in.type_code(browser, code, desk=answering_desk(work, self._place))
        return done.secret if isinstance(done, AnsweringBegun) else None

    def session(self, secret: str) -> AnsweringSession | None:
        """Who is behind a cookie now."""
        with self._work() as work:
            return coming_in.session_of(secret, desk=answering_desk(work, self._place))

    def close(self, session: AnsweringSession) -> None:
        """End a session."""
        with self._work() as work:
            coming_in.close(session, desk=answering_desk(work, self._place))

    # Who they are.

    def has_accepted(self, session: AnsweringSession) -> bool:
        """Whether they accepted the terms that hold."""
        with self._work() as work:
            terms = answering_desk(work, self._place).terms
            return terms.has_accepted(session.person, TERMS_VERSION)

    def accept_terms(self, session: AnsweringSession, name: str, role: str) -> None:
        """Keep that they accept them, by which name and role; and that the request is opened."""
        with self._work() as work:
            desk = answering_desk(work, self._place)
            told = {"name": name, "role": role}
            desk.terms.accept(session.person, TERMS_VERSION, session.partner, told, at=desk.at)
            fields = {
                "partner": desk.opaque(session.partner),
                "person": session.person,
                "version": TERMS_VERSION,
            }
            desk.enter(LedgerEvent.PARTNER_TERMS_ACCEPTED, {**fields}, by=session.actor)

    # What is registered.

    def registration(self, session: AnsweringSession) -> PartnerStanding | None:
        """What the partner told about itself, while it is asked whether it is still so."""
        with self._work() as work:
            desk = community_desk(work, by_one_hand=True)
            found = desk.rows.standing(session.partner)
            if not session.is_yearly or found is None or not found.is_due(desk.at):
                return None
            fields: dict[str, FieldValue] = {"partner": desk.opaque(session.partner)}
            event = LedgerEvent.COMMUNITY_PARTNER_SHOWN
            work.ledger.append([ledger_entry(event, fields, at=desk.at, actor=session.actor)])
            return found

    def confirm(self, session: AnsweringSession, insured_until: date) -> Asked:
        """Say for the partner that it is; somebody of the hub is the second hand."""
        with self._work() as work:
            desk = community_desk(work, by_one_hand=True)
            by = session.actor
            return confirm_by_itself(
                session.partner, session.person, insured_until, by=by, desk=desk
            )

    # The request.

    def open(self, session: AnsweringSession) -> bool:
        """Say that it is opened, on somebody's own act; whether there is anything to see."""
        with self._work() as work:
            return open_for(session, connecting_in(work))

    def request(self, session: AnsweringSession) -> SeenRequest | None:
        """What was agreed, as it may be seen now."""
        with self._work() as work:
            connecting = connecting_in(work)
            return seen_by(session, directory=work.directory, connecting=connecting)

    def reference(self, session: AnsweringSession) -> str | None:
        """Its number, while it may be seen."""
        with self._work() as work:
            return reference_for(session, connecting_in(work))

    def answer(self, session: AnsweringSession, given: AnswerGiven) -> NotChanged | None:
        """Write down what somebody says; why it could not be said, if it could not.

        What they are in their group goes with their words, as they gave it with the terms.
        """
        with self._work() as work:
            who = answering_desk(work, self._place).terms.who(session.person)
            role = "" if who is None or len(who[1]) > MOST_ROLE else who[1]
            beside = replace(given.beside, role=role)
            connecting = connecting_in(work, announce=announced_with(beside))
            return say(session, given, connecting)

    def others(self, session: AnsweringSession) -> Sequence[OtherService]:
        """What else is listed here that may help."""
        with self._work() as work:
            return others_in(work, session.partner)

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)
