"""Reading of a form with a file: held in memory alone, checked as other forms are, forgotten."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.portal.frame.errors import ForgedFormError
from services.portal.frame.forms import Submitted, read_form
from services.portal.frame.guard import FormCheck, session_of
from services.portal.frame.session import TOKEN_FIELD, is_form_token

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_UPLOADED_BYTES: Final = 1024 * 1024
_AROUND_IT: Final = 16 * 1024
_MOST_PARTS: Final = 20
_MOST_OF_A_HEADER: Final = 1024
_FORM_TYPE: Final = b"multipart/form-data"


@dataclass(frozen=True, slots=True, repr=False)
class Uploaded:
    """The fields of a form, and its one file; None where none was chosen."""

    fields: Submitted
    file: bytes | None


async def read_upload(request: Request) -> Uploaded:
    """Read a form with a file; an ordinary form is one without.

    Nothing is written anywhere: what Starlette reads such forms with keeps large files on disk.
    Raises HTTPException 413 for one that is too large, and 400 for one that is no form.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != _FORM_TYPE:
        return Uploaded(await read_form(request), None)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_UPLOADED_BYTES + _AROUND_IT:
            raise HTTPException(413)
    parts = _Parts()
    try:
        parser = MultipartParser(options.get(b"boundary", b""), parts.callbacks)
        parser.write(bytes(body))
        parser.finalize()
        return parts.as_form()
    except (MultipartParseError, UnicodeDecodeError, ValueError) as error:
        raise HTTPException(400) from error


Upload = Annotated[Uploaded, Depends(read_upload)]
"""The form with a file that came with the request, read once."""


class UploadCheck(FormCheck):
    """A dependency that lets a form with a file pass if this session was shown it for this."""

    async def __call__(self, request: Request, form: Upload) -> None:  # type: ignore[override]
        """Compare the hidden field's token. Raises ForgedFormError."""
        secret = session_of(request).csrf_secret
        if not is_form_token(form.fields.text(TOKEN_FIELD), secret, self.purpose):
            raise ForgedFormError(f"the token of the form {self.purpose} is not the session's own")


class _Parts:
    """The parts of one body, as the parser tells of them."""

    def __init__(self) -> None:
        self._fields: dict[str, list[str]] = {}
        self._file: bytes | None = None
        self._count = 0
        self._begin()

    @property
    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
            "on_part_end": self._end,
            "on_header_field": lambda data, start, end: self._header("_name", data[start:end]),
            "on_header_value": lambda data, start, end: self._header("_value", data[start:end]),
            "on_header_end": self._header_end,
        }

    def as_form(self) -> Uploaded:
        """What has been read."""
        return Uploaded(Submitted(self._fields), self._file or None)

    def _begin(self) -> None:
        self._data = bytearray()
        self._name = self._value = b""
        self._disposition: dict[bytes, bytes] = {}

    def _header(self, which: str, more: bytes) -> None:
        told = getattr(self, which) + more
        if len(told) > _MOST_OF_A_HEADER:
            raise ValueError("a header is too long")
        setattr(self, which, told)

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            _, self._disposition = parse_options_header(self._value)
        self._name = self._value = b""

    def _end(self) -> None:
        self._count += 1
        if self._count > _MOST_PARTS:
            raise ValueError("too many parts")
        if b"filename" in self._disposition:
            self._file = bytes(self._data)
        else:
            name = self._disposition.get(b"name", b"").decode("ascii")
            self._fields.setdefault(name, []).append(bytes(self._data).decode("utf-8"))
