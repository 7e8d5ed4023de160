"""Signing out."""

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from services.portal.addresses import SIGN_IN
from services.portal.csrf import FormPurpose
from services.portal.form_check import FormCheck
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.portal import portal_of
from services.portal.signed_in import go_to

router = guarded_router(Permission.SIGNED_IN)


@router.post("/sign-out", dependencies=[Depends(FormCheck(FormPurpose.SIGN_OUT))])
def sign_out(request: Request) -> Response:
    """End the session at once, in the database and in the browser."""
    portal = portal_of(request)
    secret = portal.cookie.read(request)
    if secret is not None:
        portal.services.sign_out(secret)
    response = go_to(SIGN_IN)
    portal.cookie.take_back(response)
    return response
