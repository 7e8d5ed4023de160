"""Forms that only the session which was shown them can send."""

import hmac
from enum import StrEnum


class FormPurpose(StrEnum):
    """What a form does. A token for one purpose is worth nothing for another."""

    SIGN_OUT = "sign-out"
    FIND_FAMILY = "find-family"
    ADD_STORY = "add-story"
    CORRECT_STORY = "correct-story"
    CONFIRM_STORY = "confirm-story"
    KEEP_STORY = "keep-story"
    RECORD_DECISION = "record-decision"
    WITHDRAW_DECISION = "withdraw-decision"
    REPLACE_DECISION = "replace-decision"
    OBJECT_TO_DECISION = "object-to-decision"
    END_DECISION = "end-decision"
    INVALIDATE_DECISION = "invalidate-decision"
    JOIN_PEOPLE = "join-people"
    KEEP_PEOPLE_APART = "keep-people-apart"
    UNDO_JOIN = "undo-join"
    ASK_SOURCES = "ask-sources"


TOKEN_FIELD = "csrf"  # noqa: S105  the name of the field, not a secret


def form_token(secret: bytes, purpose: str) -> str:
    """Make the hidden field's value: HMAC-SHA-256 of the purpose under the session's secret."""
    return hmac.digest(secret, purpose.encode("utf-8"), "sha256").hex()


def is_form_token(token: str, secret: bytes, purpose: str) -> bool:
    """Tell in constant time whether the token is the session's own for this purpose."""
    return hmac.compare_digest(token.encode("utf-8"), form_token(secret, purpose).encode("utf-8"))
