"""The check of every form that changes something for a signed-in person."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from services.portal.csrf import TOKEN_FIELD, FormPurpose, is_form_token
from services.portal.errors import ForgedFormError
from services.portal.forms import Submitted, read_form
from services.portal.guard import session_of

Form = Annotated[Submitted, Depends(read_form)]
"""The fields of the form that came with the request, read once."""


class FormCheck:
    """A dependency that lets a form pass if this session was shown it for this purpose."""

    def __init__(self, purpose: FormPurpose) -> None:
        self.purpose = purpose

    def __call__(self, request: Request, form: Form) -> None:
        """Compare the hidden field's token. Raises ForgedFormError."""
        secret = session_of(request).csrf_secret
        if not is_form_token(form.text(TOKEN_FIELD), secret, self.purpose):
            raise ForgedFormError(f"the token of the form {self.purpose} is not the session's own")
