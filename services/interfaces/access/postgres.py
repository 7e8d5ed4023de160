"""The access interface on PostgreSQL: who may ask, what is on record, and answers entered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.interfaces.access.app import Admit, Evaluating
from services.interfaces.access.authzen import EvaluationRequest, EvaluationResponse
from services.interfaces.access.batch import Evaluate
from services.interfaces.access.on_record import AskedFor, evaluate_and_record
from services.interfaces.access.postgres_records import UnitOfWorkRecords
from services.interfaces.partners.calling import admit
from services.interfaces.partners.errors import NotAuthenticatedError, TooManyRequestsError
from services.interfaces.partners.oauth.postgres import PostgresAccessTokens
from services.interfaces.partners.ports import Caller, Scope
from services.interfaces.partners.work import partner_work
from services.people.practitioners.postgres_limits import limit_reached
from services.work import Outside, UnitOfWork, unit_of_work

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
            evaluate = _evaluate(_caller_still(caller, work), work)
            yield _counted(evaluate, _Counting(caller, portal))

    return open_evaluation


# How often somebody may be asked for, or about, in an hour: by what was typed and by which partner,
# known or not. Figures of 29 November 2026.

MOST_FOR_ONE = 300
"""Questions for one practitioner, about however many people."""
MOST_ABOUT_ONE = 60
"""Requests that ask about one id or number, for whomever."""


@dataclass(slots=True)
class _Counting:
    """Counts the questions of one request, each pair of names once, in transactions of its own.

    So two requests at once never wait for each other's buckets, and one that fails has counted.
    """

    caller: Caller
    portal: Outside
    counted: set[tuple[str, str]] = field(default_factory=set)

    def count(self, request: EvaluationRequest) -> None:
        """Take one for each name. Raises TooManyRequestsError once that is entered."""
        subject, resource = request.subject.id, request.resource.id
        if (subject, resource) in self.counted:
            return
        self.counted.add((subject, resource))
        partner = self.caller.partner
        taken = (
            ("access-for", (partner, subject), MOST_FOR_ONE),
            ("access-about", (partner, resource), MOST_ABOUT_ONE),
        )
        with unit_of_work(self.portal) as work:
            for kind, key, per_hour in taken:
                wait = work.limits.wait_for(kind, key, per_hour)
                if wait is not None:
                    actor = f"partner:{partner}"
                    entry = limit_reached(kind, per_hour, actor=actor, at=work.now)
                    work.ledger.append([entry])
                    break
        if wait is not None:
            raise TooManyRequestsError(wait)


def _counted(evaluate: Evaluate, counting: _Counting) -> Evaluate:
    def counted(request: EvaluationRequest) -> EvaluationResponse:
        counting.count(request)
        return evaluate(request)

    return counted


def _caller_still(caller: Caller, work: UnitOfWork) -> Caller:
    """The partner may have been suspended, or its scopes changed, since it was let in."""
    tokens = PostgresAccessTokens(work.connection, work.now, work.bound)
    tokens.keep_from_suspension(caller.partner)
    found = tokens.caller(caller.token_hash, at=work.now)
    if found is None:
        raise NotAuthenticatedError("the access token has ceased to hold")
    return found


def _evaluate(caller: Caller, work: UnitOfWork) -> Evaluate:
    records = UnitOfWorkRecords(work, speaks_for(caller, work), caller.partner)
    is_told_why = Scope.ACCESS_EXPLAIN in caller.scopes
    asking = AskedFor(f"partner:{caller.partner}", work.now, is_told_why)

    def evaluate(request: EvaluationRequest) -> EvaluationResponse:
        return evaluate_and_record(
            request, records=records, ledger=work.ledger, at=work.now, asking=asking
        )

    return evaluate


def speaks_for(caller: Caller, work: UnitOfWork) -> Callable[[str], bool]:
    """For the practitioners of which agencies the partner may ask.

    Where families are invented, one that was given none may ask for all.
    """
    asks_for_all = not caller.agencies and work.is_demonstration
    return lambda agency: asks_for_all or agency in caller.agencies
