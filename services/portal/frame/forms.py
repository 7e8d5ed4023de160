"""Reading of forms: what was sent, what is wrong with it, dates and identifiers.

Messages name the field and what to do, never what was typed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

from connectors.parsing.plain_text import field_of_no_text
from schemas.errors import InvalidIdentifierError
from schemas.identifiers import NhsNumber, Upn
from schemas.vocabulary import IdentifierScheme, LabelledCode
from services.people.practitioners.people import SubjectEntry
from services.platform.errors import NotTextError

Code = TypeVar("Code", bound=LabelledCode)

MAX_FORM_BYTES = 64 * 1024
_MAX_FIELDS = 200
_FORM_TYPE = "application/x-www-form-urlencoded"
_OLDEST_BIRTH_YEAR = 1900

SEARCHABLE_SCHEMES = (IdentifierScheme.NHS_NUMBER, IdentifierScheme.UPN)
_READERS: Mapping[IdentifierScheme, Callable[[str], str]] = {
    IdentifierScheme.NHS_NUMBER: lambda text: NhsNumber.parse(text).value,
    IdentifierScheme.UPN: lambda text: Upn.parse(text).value,
}
_HOW_TO_WRITE = {
    IdentifierScheme.NHS_NUMBER: "Enter a real NHS number: 10 digits, such as 999 123 4567",
    IdentifierScheme.UPN: "Enter a real unique pupil number: a letter, then 12 characters",
}


@dataclass(frozen=True, slots=True, repr=False)
class Submitted:
    """The fields of a form as they were sent, in order."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Give the field's text without spaces around it; empty when it was not sent."""
        values = self.fields.get(name, ())
        return values[0].strip() if values else ""

    def chosen(self, name: str) -> tuple[str, ...]:
        """Give everything that was ticked under this name."""
        return tuple(self.fields.get(name, ()))


@dataclass(frozen=True, slots=True, repr=False)
class SentForm:
    """A form with the request it came with: `request.state.sent`, for whoever has to keep it."""

    request: Request
    form: Submitted


@dataclass(slots=True, repr=False)
class FormErrors:
    """What is wrong with a form: one message a field, in the order of the page."""

    messages: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, message: str) -> None:
        """Note what is wrong with a field; the first message about it stays."""
        self.messages.setdefault(name, message)

    def of(self, name: str) -> dict[str, str] | None:
        """Give the field's message as the form macros take it."""
        message = self.messages.get(name)
        return None if message is None else {"text": message}

    @property
    def summary(self) -> list[dict[str, str]]:
        """Give the error summary's links, each to its field."""
        return [{"text": text, "href": f"#{name}"} for name, text in self.messages.items()]

    def __bool__(self) -> bool:
        return bool(self.messages)


async def read_form(request: Request) -> Submitted:
    """Read the fields of an ordinary form.

    Raises HTTPException 415 for another kind of body, 413 for one above MAX_FORM_BYTES and 400
    for one that is no form, and NotTextError.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM_TYPE:
        raise HTTPException(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    try:
        fields = parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise HTTPException(400) from error
    wrong = field_of_no_text(
        ((name, value) for name, values in fields.items() for value in values), "form"
    )
    if wrong is not None:
        raise NotTextError(wrong)
    found = Submitted(fields)
    request.state.sent = SentForm(request, found)
    return found


def read_choice(
    submitted: Submitted, errors: FormErrors, name: str, codes: type[Code], message: str
) -> Code | None:
    """Read one of a closed list; otherwise note the message and give None."""
    try:
        return codes(submitted.text(name))
    except ValueError:
        errors.add(name, message)
        return None


def read_choices(
    submitted: Submitted, errors: FormErrors, name: str, codes: type[Code], message: str
) -> frozenset[Code]:
    """Read at least one of a closed list; otherwise note the message and give nothing."""
    try:
        chosen = frozenset(codes(code) for code in submitted.chosen(name))
    except ValueError:
        chosen = frozenset()
    if not chosen:
        errors.add(name, message)
    return chosen


def has_date(submitted: Submitted, name: str) -> bool:
    """Tell whether any part of a date was filled in."""
    return any(submitted.text(f"{name}-{part}") for part in ("day", "month", "year"))


def read_date(submitted: Submitted, errors: FormErrors, name: str, message: str) -> date | None:
    """Read a date written in three fields; otherwise note the message and give None."""
    try:
        year, month, day = (
            int(submitted.text(f"{name}-{part}")) for part in ("year", "month", "day")
        )
        return date(year, month, day)
    except ValueError:
        errors.add(f"{name}-day", message)
        return None


def read_subject(submitted: Submitted, errors: FormErrors, today: date) -> SubjectEntry | None:
    """Read an identifier and a date of birth; otherwise note what is wrong and give None."""
    scheme = read_choice(
        submitted, errors, "scheme", IdentifierScheme, "Select which kind of number you have"
    )
    value = None if scheme is None else _read_identifier(submitted, errors, scheme)
    born = read_birth(submitted, errors, today)
    if errors or scheme is None or value is None or born is None:
        return None
    return SubjectEntry(scheme, value, born)


def read_birth(submitted: Submitted, errors: FormErrors, today: date) -> date | None:
    """Read a date of birth; otherwise note what is wrong with it."""
    born = read_date(
        submitted, errors, "date-of-birth", "Enter a date of birth with a day, month and year"
    )
    if born is not None and not (born <= today and born.year >= _OLDEST_BIRTH_YEAR):
        errors.add("date-of-birth-day", "Date of birth must be in the past")
    return born


def _read_identifier(
    submitted: Submitted, errors: FormErrors, scheme: IdentifierScheme
) -> str | None:
    reader = _READERS.get(scheme)
    if reader is None:
        errors.add("scheme", "Select which kind of number you have")
        return None
    try:
        return reader(submitted.text("identifier"))
    except InvalidIdentifierError:
        errors.add("identifier", _HOW_TO_WRITE[scheme])
        return None
