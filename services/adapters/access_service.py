"""The access interface on PostgreSQL: who may ask, and answers with their entries."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.access.app import Admit, Evaluating
from services.access.authzen import EvaluationRequest, EvaluationResponse
from services.access.batch import Evaluate
from services.access.recorded import evaluate_and_record
from services.adapters.access_records import UnitOfWorkRecords
from services.adapters.partner_credentials import PostgresAccessTokens
from services.adapters.partner_work import partner_work
from services.adapters.unit_of_work import Outside, UnitOfWork, unit_of_work
from services.partners.calling import admit
from services.partners.errors import NotAuthenticatedError
from services.partners.ports import Caller
from services.partners.scopes import Scope

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
