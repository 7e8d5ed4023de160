"""Naming a family or a worker: the form, and on to the page that answers."""

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from services.audit.postgres_naming import agencies_to_choose, whom
from services.portal.audit.access.naming import (
    LeadsTo,
    NumberKind,
    note_unknown,
    read_leads_to,
    read_naming,
)
from services.portal.audit.addresses import NAME_A_FAMILY
from services.portal.audit.filters import filters_of, read_family, read_worker, worker_in_address
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to

router = audit_router()


@router.get(NAME_A_FAMILY)
def show_name_a_family(request: Request, visit: CurrentVisit) -> Response:
    """Show the form for one of the pages that it leads to; what a session's end kept, filled in."""
    typed = visit.typed()
    form = typed if typed.fields else filters_of(request)
    return show_naming(visit, read_leads_to(form), form, FormErrors())


@router.post(NAME_A_FAMILY, dependencies=[Depends(FormCheck(FormPurpose.NAME_A_FAMILY))])
def name_a_family(visit: CurrentVisit, form: Form) -> Response:
    """Find who is meant, which is entered, and go on with their opaque number."""
    errors = FormErrors()
    naming = read_naming(form, errors, visit.today)
    if errors:
        return show_naming(visit, naming.leads_to, form, errors)
    named = answered(visit, lambda auditing: whom(naming.asked, auditing))
    if named.is_known:
        return go_to(naming.address(named))
    note_unknown(named, errors)
    return show_naming(visit, naming.leads_to, form, errors)


def show_naming(visit: Visit, leads_to: LeadsTo, form: Submitted, errors: FormErrors) -> Response:
    """Show the form, which enters nothing.

    A number in an address that is no number is asked for again by what is typed.
    """
    agencies = visit.services.audit.ask(visit.who, agencies_to_choose)
    if visit.request.method == "GET":
        form = Submitted({n: v for n, v in form.fields.items() if n not in errors.messages})
    said = FormErrors({_BESIDE.get(name, name): text for name, text in errors.messages.items()})
    nothing = FormErrors()
    family, worker = read_family(form, nothing), read_worker(form, nothing)
    section = AuditSection.COULD_SEE if leads_to is LeadsTo.COULD_SEE else AuditSection.ACCESS
    return show_audit(
        visit,
        "name_a_family.html",
        section,
        is_below=leads_to is not LeadsTo.COULD_SEE,
        status=422 if said else 200,
        leads_to=leads_to,
        form=form,
        errors=said,
        kinds=[(kind.value, kind.label) for kind in NumberKind],
        agencies=agencies,
        family=family,
        worker=None if worker is None else worker_in_address(worker),
        token=visit.token(FormPurpose.NAME_A_FAMILY),
    )


_BESIDE = {"family": "number", "worker": "staff-number"}
"""Beside which field of the form it is said that something in an address is wrong."""
