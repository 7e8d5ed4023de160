"""Uses of my name: what partners did in it, and that it was not me; a demonstration's own token."""

import re
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consent.ledger.fields import CODE_TEXT
from services.people.practitioners.permissions import Permission
from services.people.signing_in.demonstration import TOKEN_LASTS
from services.portal.frame.addresses import TOKEN_FOR_A_PARTNER, USES_OF_MY_NAME
from services.portal.frame.guard import FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, go_to
from services.portal.front.uses import MOST_TOLD
from services.portal.front.uses_words import use_lines

router = guarded_router(Permission.SIGNED_IN)
demonstration_router = guarded_router(Permission.SIGNED_IN)

_USE = r"^[0-9a-f]{32}$"
UseInPath = Annotated[str, Path(pattern=_USE)]
"""The id of one use of a name in an address: opaque."""


@router.get(USES_OF_MY_NAME)
def show_uses(
    visit: CurrentVisit, before: Annotated[str | None, Query(pattern=_USE)] = None
) -> Response:
    """List them, newest first, a page at a time."""
    found = visit.services.uses.mine(visit.who, before)
    told = found[:MOST_TOLD]
    return visit.show(
        "uses_of_my_name.html",
        uses=use_lines(told),
        older=f"{USES_OF_MY_NAME}?before={told[-1].id}" if len(found) > MOST_TOLD else None,
        is_first=before is None,
        token=visit.token(FormPurpose.DISOWN_USE),
    )


@router.post(
    f"{USES_OF_MY_NAME}/{{use}}/not-me", dependencies=[Depends(FormCheck(FormPurpose.DISOWN_USE))]
)
def disown_use(visit: CurrentVisit, use: UseInPath) -> Response:
    """Let governance know, and show the list, which says so; of no use of theirs there is none."""
    if not visit.services.uses.disown(visit.who, use):
        raise HTTPException(404)
    return go_to(USES_OF_MY_NAME)


# What somebody's provider would give the partner's own system, where families are invented.


@demonstration_router.get(TOKEN_FOR_A_PARTNER)
def make_token(visit: CurrentVisit, partner: Annotated[str, Query(max_length=48)] = "") -> Response:
    """Give a token about who is signed in, made for this partner: for programs."""
    known = re.fullmatch(CODE_TEXT, partner)
    token = visit.services.uses.token_for(visit.session, partner) if known else None
    if token is None:
        raise HTTPException(404)
    told = {
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "expires_in": int(TOKEN_LASTS.total_seconds()),
    }
    return JSONResponse(told)
