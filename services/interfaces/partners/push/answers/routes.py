"""The routes of requests to a partner's services: list them, read one as agreed, answer it.

Nothing of a request is read but by its own partner, while a decision in force covers it; to all
others it is not there. GET changes nothing: it is answered, and so opened, by a POST alone.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Header, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from schemas.uk_time import uk_day
from services.interfaces.connections.life import ConnectionChange, DeclineReason, EndReason
from services.interfaces.connections.model import MOST_WORDS, RequestAsAgreed
from services.interfaces.connections.reference import spelled
from services.interfaces.connections.telling.said import MOST_ROLE, SaidBeside, StepAhead
from services.interfaces.partners.calling import BodyUpTo, CallerHere, Work, scoped_router
from services.interfaces.partners.edge import machine_of
from services.interfaces.partners.errors import (
    BodyUnreadableError,
    ContentNotTakenError,
    Fault,
    RequestFaultyError,
)
from services.interfaces.partners.ports import Scope
from services.interfaces.partners.problem_details import (
    NOT_FOUND,
    PROBLEM,
    ProblemKind,
    problem_response,
)
from services.interfaces.partners.push.answers.answering import (
    AnswerRefused,
    ListedRequest,
    SystemAnswers,
    SystemRequests,
)
from services.interfaces.partners.push.answers.postgres import AnsweredOnce
from services.platform.errors import ServiceUnavailableError

router = scoped_router(Scope.COMMUNITY_WRITE)

_ID: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_TEXT: Final = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$"
_VERSION: Final = r'^"[1-9][0-9]{0,8}"$'
_ONCE: Final = r"^[\x21-\x7e]{8,64}$"
_JSON: Final = "application/json"
_BODY_BYTES: Final = 16_384
_NOT_NOW: Final = ProblemKind(409, "not-now", "This cannot be said of the request as it stands")
_UNFIT: Final = ProblemKind(409, "does-not-fit", "Parts of the answer do not go together")
_CHANGED: Final = ProblemKind(412, "changed-since", "The request has changed since it was read")
_NO_SUCH: Final = "there is no such request, or you may not see it any more"

AnswerWord = Literal["accept", "decline", "ring", "contact", "start", "finish"]
ReasonWord = Literal[
    "full",
    "waiting-list",
    "age",
    "area",
    "need-not-ours",
    "needs-more-than-we-offer",
    "already-with-us",
    "language-or-access",
    "duplicate",
    "closing",
    "goals-met",
    "family-stopped",
    "could-not-reach",
    "moved",
    "passed-on",
    "turned-into-statutory",
    "other",
]
StepWord = Literal["ring-again", "first-meeting", "next-meeting", "place-waited-for", "other"]
ConnectionId = Annotated[str, Path(pattern=_ID, description="The request, as lists name it.")]


class RequestRow(BaseModel):
    """A request that waits for you, or that you said yes to."""

    connection: str
    reference: str = Field(description="As it is read aloud.")
    service: str = Field(description="Which of your services was asked, as the directory has it.")
    status: str = Field(description="sent, delivered, opened, accepted, contacted or started.")
    version: int = Field(description="Counts its changes; If-Match names it.")
    sent_at: datetime | None
    respond_by: datetime | None


class RequestsPage(BaseModel):
    """Some of them, in the order of their ids."""

    connections: list[RequestRow]
    next: str | None = Field(description="Ask again with it as `cursor`; null: no more.")


class AgreedRequest(BaseModel):
    """A request exactly as the family agreed to it. What is empty is not told."""

    connection: str
    reference: str
    service: str
    status: str
    version: int
    respond_by: datetime | None
    name: str = Field(description="Whom to ring or write to.")
    number: str
    email: str
    reach: str = Field(description="When and how it is safe to reach them.")
    language: str
    why: str = Field(description="What they want help with, in their words.")
    story: list[str]


class AnswerPushed(BaseModel):
    """What you say of a request."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    answer: AnswerWord = Field(
        description="accept, decline or ring (you want to be rung first); after a yes contact, "
        "start or finish."
    )
    reason: ReasonWord | None = Field(
        default=None,
        description="With decline: full, waiting-list, age, area, need-not-ours, "
        "needs-more-than-we-offer, already-with-us, language-or-access, duplicate, closing or "
        "other. With finish: goals-met, family-stopped, could-not-reach, moved, passed-on, "
        "turned-into-statutory or other.",
    )
    suggested_service: str | None = Field(
        default=None, pattern=_ID, description="With decline: another service that may help."
    )
    contacted_on: date | None = Field(default=None, description="When you reached the family.")
    happened_on: date | None = Field(
        default=None,
        description="With start or finish: when help began or ended, if not today.",
    )
    next_step: StepWord | None = Field(
        default=None, description="What you do next; other only with words."
    )
    words: str | None = Field(default=None, max_length=MOST_WORDS, pattern=_TEXT)
    role: str | None = Field(
        default=None, max_length=MOST_ROLE, pattern=_TEXT, description="Who says it; no name."
    )


class AnswerTaken(BaseModel):
    """How the request stands now."""

    connection: str
    version: int
    status: str


def requests_here(request: Request) -> SystemRequests:
    """What requests are reached by. Raises ServiceUnavailableError where nothing is served."""
    found = machine_of(request).requests
    if found is None:
        raise ServiceUnavailableError("requests to services are not served here")
    return found


Requests = Annotated[SystemRequests, Depends(requests_here)]


@router.get("/partners/v1/connections", operation_id="list-connections")
def list_connections(
    caller: CallerHere,
    work: Work,
    requests: Requests,
    cursor: Annotated[
        str | None, Query(pattern=_ID, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 50,
) -> RequestsPage:
    """Requests to your services that you may answer now; nothing of whom they are about."""
    del work  # it keeps the partner from being suspended meanwhile
    page = requests.page(caller, after=cursor, most=limit)
    return RequestsPage(connections=[_row(one) for one in page.items], next=page.next)


_PROBLEM: Final[dict[str, Any]] = {
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
}
_NOT_THERE: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "There is none, it is not yours, or it is not agreed any more."} | _PROBLEM
}
_ETAG: Final[dict[str, Any]] = {
    "headers": {"ETag": {"description": "Its version.", "schema": {"type": "string"}}}
}


@router.get(
    "/partners/v1/connections/{connection}",
    operation_id="read-connection",
    response_model=None,
    responses={200: {"model": AgreedRequest, **_ETAG}, **_NOT_THERE},
)
def read_connection(
    caller: CallerHere, connection: ConnectionId, work: Work, requests: Requests
) -> Response:
    """One request, exactly as the family agreed to it. That you read it is told to the family."""
    del work
    shown = requests.shown(caller, connection)
    if shown is None:
        return problem_response(NOT_FOUND, detail=_NO_SUCH)
    return _answer_of(_agreed(shown), shown.connection.version)


def answer_given(
    request: Request, body: Annotated[bytes, Depends(BodyUpTo(_BODY_BYTES))]
) -> AnswerPushed:
    """The answer, read before a transaction is opened. Raises as the body deserves."""
    media_type = request.headers.get("Content-Type", _JSON).partition(";")[0].strip().lower()
    if media_type != _JSON:
        raise ContentNotTakenError(f"send {_JSON}")
    try:
        return AnswerPushed.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        if any(fault["type"] == "json_invalid" for fault in faults):
            raise BodyUnreadableError("the body is no JSON") from None
        raise RequestFaultyError(
            [Fault(".".join(map(str, ("body", *f["loc"]))), f["type"]) for f in faults]
        ) from None


_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {_JSON: {"schema": AnswerPushed.model_json_schema()}},
    }
}


@router.post(
    "/partners/v1/connections/{connection}/answers",
    operation_id="answer-connection",
    response_model=None,
    responses={
        200: {"model": AnswerTaken, **_ETAG},
        409: {"description": f"{_NOT_NOW.title}; or: {_UNFIT.title}"} | _PROBLEM,
        412: {"description": _CHANGED.title} | _PROBLEM,
        **_NOT_THERE,
    },
    openapi_extra=_BODY,
)
def answer_connection(  # noqa: PLR0917 each is a part of the request
    caller: CallerHere,
    connection: ConnectionId,
    given: Annotated[AnswerPushed, Depends(answer_given)],
    work: Work,
    requests: Requests,
    if_match: Annotated[
        str, Header(pattern=_VERSION, description="The version that you read, as its ETag has it.")
    ],
    idempotency_key: Annotated[
        str,
        Header(pattern=_ONCE, description="Yours: what comes again under it is the same answer."),
    ],
) -> Response:
    """Say yes or no, ask to be rung, or tell how far it is. Sent again it is answered the same."""
    unfit = _unfit_in(given, work.now)
    if unfit is not None:
        return _unfit(unfit.place, unfit.reason)
    command = _command(connection, given, if_match, idempotency_key)
    became = requests.answered(caller, command)
    if isinstance(became, AnsweredOnce):
        taken = AnswerTaken(
            connection=became.connection, version=became.version, status=became.status
        )
        return _answer_of(taken, became.version)
    if became in _PROBLEMS:
        kind, detail = _PROBLEMS[became]
        return problem_response(kind, detail=detail)
    return _unfit(_PLACES[became], became.value)


_PROBLEMS: Final[Mapping[AnswerRefused, tuple[ProblemKind, str]]] = {
    AnswerRefused.NOT_THERE: (NOT_FOUND, _NO_SUCH),
    AnswerRefused.NOT_NOW: (_NOT_NOW, "read the request again: its status says what may follow"),
    AnswerRefused.CHANGED_SINCE: (_CHANGED, "read the request again, and answer what it says now"),
}
_PLACES: Final = {
    AnswerRefused.NO_REASON: "body.reason",
    AnswerRefused.NO_SUCH_DAY: "body.contacted_on",
    AnswerRefused.USED_BEFORE: "header.idempotency-key",
}


def _command(connection: str, given: AnswerPushed, if_match: str, once: str) -> SystemAnswers:
    """The order."""
    change = ConnectionChange(given.answer)
    asked = f"{connection}\n{if_match}\n{given.model_dump_json()}"
    return SystemAnswers(
        connection=connection,
        version=int(if_match.strip('"')),
        once=once,
        asked=sha256(asked.encode()).digest(),
        change=change,
        declined=_reason(ConnectionChange.DECLINE, change, given.reason),
        ended=_reason(ConnectionChange.FINISH, change, given.reason),
        suggested=given.suggested_service,
        beside=SaidBeside(
            given.contacted_on,
            None if given.next_step is None else StepAhead(given.next_step),
            _plain(given.words),
            _plain(given.role),
            given.happened_on,
        ),
    )


_REASONS: Final[Mapping[ConnectionChange, type[DeclineReason] | type[EndReason]]] = {
    ConnectionChange.DECLINE: DeclineReason,
    ConnectionChange.FINISH: EndReason,
}


def _unfit_in(given: AnswerPushed, now: datetime) -> Fault | None:
    """What of the answer does not go with the rest of it, or with the day."""
    for name in ("contacted_on", "happened_on"):
        day = getattr(given, name)
        if day is not None and day > uk_day(now):
            return Fault(f"body.{name}", "is-to-come")
    if given.happened_on is not None and given.answer not in {"start", "finish"}:
        return Fault("body.happened_on", AnswerRefused.NO_REASON.value)
    if given.next_step == StepAhead.OTHER.value and not _plain(given.words):
        return Fault("body.words", "is-needed")
    reasons = _REASONS.get(ConnectionChange(given.answer))
    fits = given.reason is None if reasons is None else given.reason in set(reasons)
    return None if fits else Fault("body.reason", AnswerRefused.NO_REASON.value)


def _unfit(place: str, reason: str) -> Response:
    return problem_response(_UNFIT, faults=[Fault(place, reason)])


def _reason(of: ConnectionChange, change: ConnectionChange, word: str | None) -> Any:
    """The reason where one goes with the answer."""
    return _REASONS[of](word) if change is of and word is not None else None


def _plain(words: str | None) -> str:
    return re.sub(r"[ \t]+", " ", words or "").strip()


def _answer_of(told: BaseModel, version: int) -> Response:
    return JSONResponse(told.model_dump(mode="json"), headers={"ETag": f'"{version}"'})


def _row(one: ListedRequest) -> RequestRow:
    return RequestRow(
        connection=one.id,
        reference=spelled(one.reference),
        service=one.service,
        status=one.status,
        version=one.version,
        sent_at=one.sent_at,
        respond_by=one.respond_by,
    )


def _agreed(shown: RequestAsAgreed) -> AgreedRequest:
    one, told = shown.connection, shown.told
    return AgreedRequest(
        connection=one.id,
        reference=spelled(one.reference),
        service=one.service,
        status=one.status.value,
        version=one.version,
        respond_by=one.respond_by,
        name=told.name,
        number=told.number,
        email=told.email,
        reach=told.reach,
        language=told.language,
        why=told.why,
        story=[entry.text for entry in told.story],
    )
