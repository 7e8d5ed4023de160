"""Families for partners' own screens, as an application of its own: one route and what it tells."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.middleware import Middleware
from starlette.requests import Request

from services.interfaces.families.bundle import FORMS
from services.interfaces.families.negotiation import MediaType, chosen, has_it, strong_tag
from services.interfaces.families.postgres import ReadingFamilies
from services.interfaces.families.text import OF_THE_READING
from services.interfaces.partners.calling import GuardedWhereItReads
from services.interfaces.partners.edge import (
    AnswerHeaders,
    last_resort,
    text_only,
)
from services.interfaces.partners.errors import Fault, FormNotOfferedError
from services.interfaces.partners.ports import Scope
from services.interfaces.partners.problem_details import (
    PROBLEM,
    ProblemKind,
    add_problems,
    problem_response,
)
from services.platform.processes.threads import reading
from services.platform.ticks import RefusalsAtTick, refused
from services.profile.model import Profile, ProfileRefused

# In which form a family is told; one that is not offered is refused before anybody is asked for.


async def form_of(request: Request) -> MediaType:
    """In which form to answer; no thread is needed for it. Raises FormNotOfferedError."""
    form = chosen(request.headers.get("Accept"))
    if form is None:
        raise FormNotOfferedError(f"accept {' or '.join(MediaType)}")
    return form


FormHere = Annotated[MediaType, Depends(form_of)]
"""For a route: in which form to answer."""


# What it gives, as the published OpenAPI document tells it.

_Schema = dict[str, Any]
_NAME = "FamilyProfile"
_PROBLEM = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_BUNDLE: _Schema = {
    "type": "object",
    "required": ["resourceType", "type", "entry"],
    "properties": {
        "resourceType": {"const": "Bundle"},
        "type": {"const": "searchset"},
        "entry": {"type": "array", "items": {"type": "object"}},
    },
    "description": "HL7 FHIR R4: Patient, RelatedPerson, Group, CareTeam, Observation, CarePlan, "
    "Communication, Goal, Task, Provenance, and an OperationOutcome that says how the sources "
    "stand.",
}
_TAG: _Schema = {
    "ETag": {"schema": {"type": "string"}, "description": "Strong: it stands for these bytes."},
    "Cache-Control": {"schema": {"type": "string"}},
}


def family_schemas() -> _Schema:
    """For the document's components: the profile, and what it is made of."""
    schema = TypeAdapter(Profile).json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    definitions: _Schema = schema.pop("$defs")
    del definitions["TimelineEntry"]["properties"]["key"]  # which our own pages alone go by
    for name in OF_THE_READING:
        del schema["properties"][name]
    schema["required"] = [name for name in schema["required"] if name not in OF_THE_READING]
    return _with_plain_names(definitions | {_NAME: schema})


_CLAIMS = {"str": "TextClaim", "bool": "FlagClaim", "tuple_str_________": "TextsClaim"}
_OF_CLAIM = re.compile(r"Claim_(\w+)_(?=\")")


def _with_plain_names(schemas: _Schema) -> _Schema:
    """With names and titles by which clients can be generated: Claim[str] is a TextClaim."""
    text = _OF_CLAIM.sub(lambda one: _CLAIMS.get(one[1], f"{one[1]}Claim"), json.dumps(schemas))
    named: _Schema = json.loads(text)
    return {name: {**schema, "title": name} for name, schema in named.items()}


FAMILY_ANSWERS: dict[int | str, _Schema] = {
    200: {
        "description": "The family as this practitioner may see it now. The look is on record.",
        "headers": _TAG,
        "content": {
            MediaType.JSON.value: {"schema": {"$ref": f"#/components/schemas/{_NAME}"}},
            MediaType.FHIR.value: {"schema": _BUNDLE},
        },
    },
    304: {
        "description": "What you have is what they may see. The look is on record all the same.",
        "headers": _TAG,
    },
    403: {
        "description": "The token is not for this or names nobody for whom you may speak; or the "
        "family is not shown to this practitioner: `errors` has `no-right`, whoever it is, or why "
        "where `access:explain` was granted and they may ask.",
        "content": _PROBLEM,
    },
    406: {"description": "Neither form is one that you take", "content": _PROBLEM},
}
"""The answers of reading a family, by status."""


# The route: one family, as the practitioner whom the token names may see it.

FAMILY_PATH = "/api/v1/families/{family}"
REFUSED = ProblemKind(403, "family-not-shown", "The family is not shown to this practitioner")
# It may be kept by who asked, and is never shown again without asking: whether it may be is decided
# each time, and each time is on record.
_KEEPING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}


class AskedForAtOnce(APIRoute):
    """The route of a family, without finding out anew at each request what its function wants.

    FastAPI describes it by the function as ever. Its guards, the form and the id are asked for
    here, in the order in which it would: that takes a third of what it does.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what answers a request. Raises TypeError unless it depends on guards alone."""
        guards = [guard.dependency for guard in self.dependencies]
        if not guards or not all(isinstance(guard, GuardedWhereItReads) for guard in guards):
            raise TypeError(f"{self.path} depends on something that it would not ask for")

        async def answer(request: Request) -> Response:
            for guard in guards:
                await guard(request)  # type: ignore[misc] # each is one, as was seen above
            form = await form_of(request)
            told: Response = await self.endpoint(request, request.path_params["family"], form)
            return told

        return answer


router = APIRouter(
    dependencies=[Depends(GuardedWhereItReads([Scope.FAMILIES_READ]))], route_class=AskedForAtOnce
)

FamilyInPath = Annotated[
    str,
    Path(
        description="The opaque id of the person from whom the family is looked at.",
        json_schema_extra={"pattern": "^[0-9a-f]{32}$"},
    ),
]


@router.head(FAMILY_PATH, include_in_schema=False)
@router.get(
    FAMILY_PATH,
    operation_id="read-family",
    response_class=Response,
    responses=FAMILY_ANSWERS,
)
@reading
def read_family(request: Request, family: FamilyInPath, form: FormHere) -> Response:
    """Read a family for the practitioner and the purpose that the token states."""
    # What it reads is committed when `read` returns, before an answer is made of it.
    families: ReadingFamilies = request.app.state.families
    token, any_of = request.headers.get("Authorization"), request.state.any_of
    answer = families.read(token, family, any_of, FORMS[form])
    if isinstance(answer, ProfileRefused):
        refused(request)
        return _refused(answer)
    content, tag = answer.content, strong_tag(families.tag(answer.hashed))
    headers = _KEEPING | {"ETag": tag}
    if has_it(request.headers.get("If-None-Match"), tag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        length = {"Content-Length": str(len(content))}
        return Response(headers=headers | length, media_type=form.value)
    return Response(content, headers=headers, media_type=form.value)


def _refused(answer: ProfileRefused) -> Response:
    """Words that are the same whoever it is, unless the partner was granted reasons."""
    faults = [Fault("family", reason.value) for reason in answer.reasons]
    told = " ".join(reason.label for reason in answer.reasons)
    return problem_response(REFUSED, detail=told, faults=faults)


def create_families_app(families: ReadingFamilies) -> FastAPI:
    """Make the interface: `families` lets callers in and reads for them."""
    app = FastAPI(
        title="Tell Once families",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(RefusalsAtTick),
            Middleware(AnswerHeaders),
            last_resort(),
            text_only(),
        ],
    )
    app.state.families = families
    app.include_router(router)
    add_problems(app)
    return app
