"""What a partner pushes: published, withheld, a duplicate or parked, each message told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.ports import Received
from schemas.records.message import SourceMessage
from schemas.vocabulary import IdentifierScheme, Source
from services.partners.errors import AuthorityNotTheirsError, BodyTooLargeError, ScopeMissingError
from services.partners.ports import Caller, PartnerWork, PushedMessage
from services.partners.scopes import scope_of

MOST_MESSAGES = 1000
"""Messages in one request, which is one transaction."""


@dataclass(frozen=True, slots=True)
class PushMessages:
    """Order: publish what may be published of these messages of one source."""

    caller: Caller
    source: Source
    messages: Sequence[Received]


def push_messages(command: PushMessages, *, work: PartnerWork) -> Sequence[PushedMessage]:
    """Give what became of each message, in order, and keep it for the partner to read again.

    Nothing is done before the caller's transaction commits. A message that was published before
    is a duplicate and changes nothing. Raises ScopeMissingError when the token is not for this
    source, AuthorityNotTheirsError when a child is another authority's than the partner sends for,
    BodyTooLargeError for more than MOST_MESSAGES.
    """
    caller, partner = command.caller, command.caller.partner
    if scope_of(command.source) not in caller.scopes:
        raise ScopeMissingError(f"the token lacks the scope of {command.source}")
    if caller.la_code is not None and not all(_is_of(caller.la_code, r) for r in command.messages):
        raise AuthorityNotTheirsError("a child is another authority's than the token is for")
    if len(command.messages) > MOST_MESSAGES:
        raise BodyTooLargeError(f"at most {MOST_MESSAGES} messages are taken in one request")
    pushed = work.publish(partner, command.source, command.messages)
    work.dispositions.add(partner, command.source, pushed, at=work.now)
    return pushed


def _is_of(la_code: str, received: Received) -> bool:
    """Whether every child of the message that has an authority's number has this authority's."""
    if not isinstance(received.outcome, SourceMessage):
        return True
    numbers = (
        identifier.value
        for subject in received.outcome.subjects
        for identifier in subject.identifiers
        if identifier.scheme is IdentifierScheme.LA_CHILD_ID
    )
    return all(number.partition("/")[0] == la_code for number in numbers)
