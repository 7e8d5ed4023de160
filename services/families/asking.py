"""The transaction in which a family is read, as a dependency of a route."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from services.families.media_types import MediaType, chosen
from services.families.ports import Families, OpenFamilies
from services.partners.calling import CallerHere
from services.partners.errors import FormNotOfferedError, PractitionerNotNamedError
from services.partners.working import MOST_AT_ONCE


def form_of(request: Request) -> MediaType:
    """In which form to answer. Raises FormNotOfferedError."""
    form = chosen(request.headers.get("Accept"))
    if form is None:
        raise FormNotOfferedError(f"accept {' or '.join(MediaType)}")
    return form


FormHere = Annotated[MediaType, Depends(form_of)]
"""For a route: in which form to answer."""


def get_families(request: Request, caller: CallerHere, form: FormHere) -> Iterator[Families]:
    """Give the transaction, committed before the answer leaves (STYLE.md 15).

    A form that is not offered is refused before anybody is asked for. Raises
    PractitionerNotNamedError.
    """
    del form
    if caller.acting is None:
        raise PractitionerNotNamedError("the token names no practitioner for whom you may speak")
    open_families: OpenFamilies = request.app.state.open_families
    with open_families(caller) as families:
        yield families


FamiliesHere = Annotated[
    Families, Depends(get_families, scope="function", max_concurrency=MOST_AT_ONCE)
]
"""For a route: the transaction."""
