"""What a machine is answered when nobody expected what happened."""

from collections.abc import Callable

from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import Scope

from services.last_resort import LastResort
from services.partners.log_references import PartnerLog
from services.partners.problem_details import UNEXPECTED, problem_response


def _problem(reference: str) -> Response:
    return problem_response(UNEXPECTED, reference=reference)


def last_resort(answer: Callable[[str], Response] = _problem) -> Middleware:
    """The outermost door of an interface; `answer` makes the answer from the log's reference."""

    def answer_to(scope: Scope, reference: str) -> Response:
        del scope
        return answer(reference)

    return Middleware(LastResort, event=PartnerLog.REQUEST_FAILED.value, answer=answer_to)
