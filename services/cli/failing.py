"""What a command says when it fails: a sentence on standard error, never a value."""

import os
import sys
import traceback

from consent.errors import AgreementInvalidError, ConsentError, DecisionInvalidError
from schemas.errors import SchemaError
from services.adapters.embedded.errors import EmbeddedPostgresError
from services.errors import RetentionRulesInvalidError, ServiceError
from services.partners.errors import OnboardingError

FAILED = 1
USAGE = 2
REFUSED = 3
UNAVAILABLE = 4

_ASKED_WRONGLY = (
    RetentionRulesInvalidError,
    DecisionInvalidError,
    AgreementInvalidError,
    OnboardingError,
)
_KNOWN = (ConsentError, SchemaError, ServiceError, EmbeddedPostgresError)


def exit_code_of(error: Exception) -> int:
    """Tell what went wrong and give the exit code: 2 bad usage, 1 and 4 failures.

    Messages of our own errors never carry a personal value; of any other only the type is told,
    and where it was raised, because its message may quote what it was given.
    """
    if isinstance(error, _KNOWN):
        sys.stderr.write(f"tell-once: {error}\n")
        return USAGE if isinstance(error, _ASKED_WRONGLY) else UNAVAILABLE
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119
    sys.stderr.write(f"tell-once: failed with {type(error).__name__}{place}\n")
    if os.environ.get("TELL_ONCE_TRACE"):
        for frame in frames:
            sys.stderr.write(f"  {frame.filename}:{frame.lineno} in {frame.name}\n")
    return FAILED
