"""Where one is signed in, changing to another account, conditions of use, showing who one is."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.people.practitioners.permissions import Permission
from services.people.practitioners.sessions import MOST_LISTED
from services.portal.frame.addresses import (
    CHANGE_ACCOUNT,
    CONDITIONS,
    HOME,
    SIGN_IN_AGAIN,
    SIGNED_IN_AT,
    WHO_IS_SIGNED_IN,
    PractitionerInPath,
    SessionInPath,
    is_own,
)
from services.portal.frame.forms import FormErrors
from services.portal.frame.guard import (
    Form,
    FormCheck,
    guarded_router,
    router_before_conditions,
)
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.sign_in.pages import go_to_provider
from services.portal.front.sign_in.words import account_choices, session_lines

router = guarded_router(Permission.SIGNED_IN)
before_conditions_router = router_before_conditions()
administrators_router = guarded_router(Permission.ACCOUNTS)
_SESSION = r"^[0-9a-f]{32}$"
_END = [Depends(FormCheck(FormPurpose.END_SESSION))]
_END_FOR = [Depends(FormCheck(FormPurpose.END_SOMEBODYS_SESSION))]
_CHANGE = [Depends(FormCheck(FormPurpose.CHANGE_ACCOUNT))]
_ACCEPT = [Depends(FormCheck(FormPurpose.ACCEPT_CONDITIONS))]
_AGAIN = [Depends(FormCheck(FormPurpose.SIGN_IN_AGAIN))]


@router.get(SIGNED_IN_AT)
def show_own_sessions(visit: CurrentVisit) -> Response:
    """List one's own sessions."""
    own = visit.services.sessions.own(visit.who)
    providers = visit.services.signing_in.providers()
    return visit.show(
        "signed_in_at.html",
        sessions=session_lines(own, providers, current=visit.session.id),
        token=visit.token(FormPurpose.END_SESSION),
    )


@router.post(f"{SIGNED_IN_AT}/others/end", dependencies=_END)
def end_others(visit: CurrentVisit) -> Response:
    """End all but this one."""
    visit.services.sessions.end_others(visit.session)
    return go_to(SIGNED_IN_AT)


@router.post(f"{SIGNED_IN_AT}/{{session}}/end", dependencies=_END)
def end_own(visit: CurrentVisit, session: SessionInPath) -> Response:
    """End one of one's own; one that is not, or not any more, is not on the list either."""
    visit.services.sessions.end_own(visit.who, session)
    return go_to(SIGNED_IN_AT)


@administrators_router.get(WHO_IS_SIGNED_IN)
def show_all_sessions(
    visit: CurrentVisit, after: Annotated[str | None, Query(pattern=_SESSION)] = None
) -> Response:
    """List who is signed in, a page at a time."""
    found = visit.services.sessions.all(visit.who, after)
    is_more = len(found) == MOST_LISTED
    providers = visit.services.signing_in.providers()
    return visit.show(
        "who_is_signed_in.html",
        sessions=session_lines(found, providers, current=visit.session.id),
        next=f"{WHO_IS_SIGNED_IN}?after={found[-1].id}" if is_more else None,
        token=visit.token(FormPurpose.END_SOMEBODYS_SESSION),
    )


@administrators_router.post(
    f"{WHO_IS_SIGNED_IN}/{{practitioner}}/{{session}}/end", dependencies=_END_FOR
)
def end_for(
    visit: CurrentVisit, practitioner: PractitionerInPath, session: SessionInPath
) -> Response:
    """End somebody's session."""
    visit.services.sessions.end_for(visit.who, practitioner, session)
    return go_to(WHO_IS_SIGNED_IN)


# Changing to another account of the same sign-in: a new session, without signing in again.


@router.get(CHANGE_ACCOUNT)
def show_other_accounts(visit: CurrentVisit) -> Response:
    """Show what else this sign-in opens."""
    return _change_page(visit, FormErrors())


@router.post(CHANGE_ACCOUNT, dependencies=_CHANGE)
def change_account(request: Request, visit: CurrentVisit, form: Form) -> Response:
    """Go on as the one that was chosen, from the beginning."""
    secret = visit.portal.cookie.read(request) or ""
    opened = visit.services.sessions.change_account(secret, form.text("account"))
    if opened is None:
        errors = FormErrors()
        errors.add("account", "Select where you work now")
        return _change_page(visit, errors)
    response = go_to(HOME)
    visit.portal.cookie.give(response, opened.secret)
    return response


def _change_page(visit: Visit, errors: FormErrors) -> Response:
    secret = visit.portal.cookie.read(visit.request) or ""
    accounts = visit.services.sessions.accounts(secret)
    return visit.show(
        "change_account.html",
        422 if errors else 200,
        accounts=account_choices(accounts),
        errors=errors,
        token=visit.token(FormPurpose.CHANGE_ACCOUNT),
    )


# Conditions of use, once a year; and showing who one is, now.


@before_conditions_router.get(CONDITIONS)
def show_conditions(visit: CurrentVisit) -> Response:
    """Show them, and ask for them where they are not accepted."""
    is_accepted = visit.session.has_accepted(visit.services.now())
    return visit.show(
        "conditions_of_use.html",
        is_accepted=is_accepted,
        back_to=_own(visit.request.query_params.get("to", "")),
        token=visit.token(FormPurpose.ACCEPT_CONDITIONS),
    )


@before_conditions_router.post(CONDITIONS, dependencies=_ACCEPT)
def accept_conditions(visit: CurrentVisit, form: Form) -> Response:
    """Accept them, and go on to where one was going."""
    visit.services.sessions.accept_conditions(visit.session)
    return go_to(_own(form.text("to")))


@before_conditions_router.post(SIGN_IN_AGAIN, dependencies=_AGAIN)
def sign_in_again(request: Request, visit: CurrentVisit, form: Form) -> Response:
    """Go to the provider by which one came, to show who one is; then back to the form."""
    provider = visit.session.provider or ""
    return go_to_provider(request, provider, _own(form.text("to")), visit.who.id)


def _own(address: str) -> str:
    return address if is_own(address) and not address.startswith(CONDITIONS) else HOME
