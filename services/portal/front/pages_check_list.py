"""A class list, checked before it is sent: what could not be read, and what to do. Kept nowhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Depends
from starlette.responses import Response

from services.intake.checked import CheckedFault
from services.intake.checked_list import MOST_ROWS, ListChecked, check_list
from services.people.practitioners.permissions import Permission
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.uploads import MOST_UPLOADED_BYTES, Upload, UploadCheck
from services.portal.frame.visit import CurrentVisit, Visit

router = guarded_router(Permission.SIGNED_IN)
_URN = re.compile(r"[0-9]{6}")
_CELL = re.compile(r"row\[([0-9]+)\](?:/(.+))?")


@router.get("/check-a-class-list")
def show_check_list(visit: CurrentVisit) -> Response:
    """Ask for the file."""
    return _page(visit, visit.typed(), FormErrors())


@router.post("/check-a-class-list", dependencies=[Depends(UploadCheck(FormPurpose.CHECK_LIST))])
def check_the_list(visit: CurrentVisit, upload: Upload) -> Response:
    """Read it, tell of rows and columns what is wrong, and forget it."""
    errors = FormErrors()
    titles = _titles(visit, upload.fields.text("school"), errors)
    if upload.file is None:
        errors.add("list", "Select the file of your class list")
    elif len(upload.file) > MOST_UPLOADED_BYTES:
        errors.add("list", "The file has to be smaller than 1 MB: check one class or year of it")
    if errors or upload.file is None:
        return _page(visit, upload.fields, errors)
    checked = check_list(upload.file, titles, at=visit.services.now())
    return _page(visit, upload.fields, errors, checked)


def _titles(visit: Visit, urn: str, errors: FormErrors) -> Mapping[str, str] | None:
    if not urn:
        return None
    titles = visit.services.lists.titles_of(urn) if _URN.fullmatch(urn) else None
    if titles is None:
        errors.add("school", "Nothing is kept of the column titles of a school with this URN")
    return titles


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One thing that is wrong: where, what, and what to do; never what stands there."""

    where: str
    wrong: str
    costs: str


def _page(
    visit: Visit, form: Submitted, errors: FormErrors, checked: ListChecked | None = None
) -> Response:
    return visit.show(
        "check_list.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        token=visit.token(FormPurpose.CHECK_LIST),
        checked=checked,
        counts=None if checked is None else _counts(checked),
        lines=() if checked is None else [_line(one) for one in checked.faults],
        most_rows=f"{MOST_ROWS:,}",
    )


def _counts(checked: ListChecked) -> str:
    rows = "1 row" if checked.readable == 1 else f"{checked.readable:,} rows"
    return f"{rows} can be read, {checked.lost:,} cannot. Nothing was stored."


def _line(fault: CheckedFault) -> FaultLine:
    cell = _CELL.fullmatch(fault.field)
    where = "The whole file"
    if cell is not None:
        where = f"Row {cell[1]}" if cell[2] is None else f"Row {cell[1]}, {cell[2]}"
    elif "/" in fault.field:
        where = fault.field.partition("/")[2]
    return FaultLine(where, fault.remedy.wrong, fault.costs.label)
