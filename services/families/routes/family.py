"""One family, as the practitioner whom the token names may see it."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from starlette.requests import Request

from services.aggregation.profile import ProfileRefused
from services.families.asking import FamiliesHere, FormHere
from services.families.described import FAMILY_ANSWERS
from services.families.entity_tags import has_it, strong_tag
from services.families.representing import represented
from services.partners.calling import scoped_router
from services.partners.errors import Fault
from services.partners.problem_details import Kind, problem_response
from services.partners.scopes import Scope

FAMILY_PATH = "/api/v1/families/{family}"
REFUSED = Kind(403, "family-not-shown", "The family is not shown to this practitioner")
# It may be kept by who asked, and is never shown again without asking: whether it may be is decided
# each time, and each time is on record.
_KEEPING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}

router = scoped_router(Scope.FAMILIES_READ)

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
def read_family(
    request: Request, family: FamilyInPath, form: FormHere, families: FamiliesHere
) -> Response:
    """Read a family for the practitioner and the purpose that the token states."""
    answer = families.read(family)
    if isinstance(answer, ProfileRefused):
        return _refused(answer)
    content = represented(answer, form)
    tag = strong_tag(families.tag(content))
    headers = _KEEPING | {"ETag": tag}
    if has_it(request.headers.get("If-None-Match"), tag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        length = {"Content-Length": str(len(content))}
        return Response(headers=headers | length, media_type=form.value)
    return Response(content, headers=headers, media_type=form.value)


def _refused(answer: ProfileRefused) -> Response:
    """The same words as on the page, and nothing besides."""
    faults = [Fault("family", reason.value) for reason in answer.reasons]
    told = " ".join(reason.label for reason in answer.reasons)
    return problem_response(REFUSED, detail=told, faults=faults)
