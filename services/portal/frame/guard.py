"""The guard at every door: no route without a permission, no permission without a session.

And no form that changes something but from a page that this session was shown.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request

from services.people.practitioners.people import Session, is_fresh
from services.people.practitioners.permissions import Permission, allows
from services.portal.frame.errors import (
    ConditionsNotAcceptedError,
    ForgedFormError,
    NotAllowedError,
    NotSignedInError,
    SignInNotFreshError,
)
from services.portal.frame.forms import Submitted, read_form
from services.portal.frame.portal import Portal, portal_of
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, is_cross_site, is_form_token


class Guard:
    """A dependency that lets a request pass, or says why not.

    `is_before_conditions` is for what opens before somebody accepts the conditions of use. Raises
    ForgedFormError, NotSignedInError, ConditionsNotAcceptedError or NotAllowedError.
    """

    def __init__(self, permission: Permission, *, is_before_conditions: bool = False) -> None:
        self.permission = permission
        self.is_before_conditions = is_before_conditions

    def __call__(self, request: Request) -> None:
        """Check: (1) whence it comes, (2) who sends it, (3) on what terms, (4) what they may do."""
        # (1) Another site's page may not change anything here.
        if is_cross_site(request):
            raise ForgedFormError("the request comes from another site's page; open ours instead")
        if self.permission is Permission.ANYONE:
            return
        # (2) A secret without a session behind it is worth nothing.
        session = _session_of(request, portal_of(request))
        if session is None:
            raise NotSignedInError("no session is behind the request; sign in")
        # (3) Nothing else opens before the conditions of use are accepted.
        is_accepted = session.has_accepted(portal_of(request).services.now())
        if not (is_accepted or self.is_before_conditions):
            raise ConditionsNotAcceptedError("the conditions of use are not accepted")
        # (4) The role decides what sort of page may be opened.
        if not allows(self.permission, session.practitioner.role):
            portal_of(request).services.refuse_role(session.practitioner, self.permission)
            raise NotAllowedError(f"the role lacks the permission {self.permission}")
        request.state.session = session


def guarded_router(permission: Permission) -> APIRouter:
    """Make a router all of whose routes ask for the permission."""
    return APIRouter(dependencies=[Depends(Guard(permission))])


def router_before_conditions() -> APIRouter:
    """Make one for who is signed in, also before they accept the conditions of use."""
    guard = Guard(Permission.SIGNED_IN, is_before_conditions=True)
    return APIRouter(dependencies=[Depends(guard)])


def session_of(request: Request) -> Session:
    """Give the session that the guard let pass. Raises NotSignedInError where there was none."""
    session = getattr(request.state, "session", None)
    if not isinstance(session, Session):
        raise NotSignedInError("the route's guard asked for no session")
    return session


def _session_of(request: Request, portal: Portal) -> Session | None:
    secret = portal.cookie.read(request)
    return None if secret is None else portal.services.session(secret)


# The check of every form that changes something for a signed-in person.

Form = Annotated[Submitted, Depends(read_form)]
"""The fields of the form that came with the request, read once."""


# These wait for nothing, and a plain function would be handed to a thread: see `visit.visit`.


class FormCheck:
    """A dependency that lets a form pass if this session was shown it for this purpose."""

    def __init__(self, purpose: FormPurpose) -> None:
        self.purpose = purpose

    async def __call__(self, request: Request, form: Form) -> None:
        """Compare the hidden field's token. Raises ForgedFormError."""
        secret = session_of(request).csrf_secret
        if not is_form_token(form.text(TOKEN_FIELD), secret, self.purpose):
            raise ForgedFormError(f"the token of the form {self.purpose} is not the session's own")


class FreshSignIn:
    """A dependency, after FormCheck, for what somebody has to show who they are for, now.

    Whoever did not within the last minutes does so and comes back to the form, filled in.
    """

    async def __call__(self, request: Request, form: Form) -> None:
        """Compare when the session's holder showed who they are. Raises SignInNotFreshError."""
        at = portal_of(request).services.now()
        if not is_fresh(session_of(request).authenticated_at, at):
            raise SignInNotFreshError(form)
