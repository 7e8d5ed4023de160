"""The access interface on PostgreSQL: who may ask, what is on record, and answers entered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Subject
from schemas.vocabulary import Purpose
from services.interfaces.access.app import Admit, Evaluating
from services.interfaces.access.authzen import EvaluationRequest, EvaluationResponse
from services.interfaces.access.batch import Evaluate
from services.interfaces.access.on_record import QuestionOnRecord, evaluate_and_record
from services.interfaces.partners.calling import admit
from services.interfaces.partners.errors import NotAuthenticatedError
from services.interfaces.partners.oauth.postgres import PostgresAccessTokens
from services.interfaces.partners.ports import Caller, Scope
from services.interfaces.partners.work import partner_work
from services.people.persons.subjects import subject_from_text
from services.profile.viewing import reading_order, view_family
from services.work import Outside, UnitOfWork, unit_of_work


class UnitOfWorkRecords:
    """services.interfaces.access.on_record.AccessRecords over one transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def person(self, text: str) -> PersonId | None:
        """The person with this opaque id or `SCHEME:VALUE`; None when nobody is known by it.

        Of several who are one, the one known outside.
        """
        try:
            subject = subject_from_text(text) if ":" in text else PersonId(text)
        except DecisionInvalidError:
            return None
        if isinstance(subject, Subject):
            found = self._work.persons.resolve([subject])[0].person
        else:
            found = subject if self._work.persons.exists(subject) else None
        return None if found is None else self._work.records.known_as(found)

    def known(
        self, person: PersonId, practitioner: PractitionerId, purpose: Purpose, *, at: datetime
    ) -> QuestionOnRecord | None:
        """What bears on this practitioner and person; None for an unknown practitioner."""
        who = self._work.directory.practitioner(practitioner)
        if who is None:
            return None
        viewing, _ = view_family(
            reading_order(who, person, purpose), opening=replace(self._work.opening(), at=at)
        )
        return QuestionOnRecord(viewing.practitioner, viewing.on_record)


# Who may ask, and answers with their entries.

_ASKING = frozenset({Scope.ACCESS_EVALUATE})


def admit_askers(connectors: Outside) -> Admit:
    """Let in who has a token to ask with; `connectors` are the rights that see tokens paced."""
    open_work = partner_work(connectors)
    return lambda header: admit(header, _ASKING, open_work)


def evaluating(portal: Outside) -> Evaluating:
    """Answer with the portal's rights, which are those to read what a page would show."""

    @contextmanager
    def open_evaluation(caller: Caller) -> Iterator[Evaluate]:
        with unit_of_work(portal) as work:
            _require_token(caller, work)
            yield _evaluate(caller, work)

    return open_evaluation


def _require_token(caller: Caller, work: UnitOfWork) -> None:
    """The partner may have been suspended since it was let in."""
    tokens = PostgresAccessTokens(work.connection, work.now)
    tokens.keep_from_suspension(caller.partner)
    if tokens.caller(caller.token_hash, at=work.now) is None:
        raise NotAuthenticatedError("the access token has ceased to hold")


def _evaluate(caller: Caller, work: UnitOfWork) -> Evaluate:
    records = UnitOfWorkRecords(work)

    def evaluate(request: EvaluationRequest) -> EvaluationResponse:
        return evaluate_and_record(
            request,
            records=records,
            ledger=work.ledger,
            at=work.now,
            actor=f"partner:{caller.partner}",
        )

    return evaluate
