"""A batch of children as local authorities' own senders push it: all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from uuid import UUID

from connectors.ports import Received, Unreadable
from connectors.social_care.reader import BODY, read_csc
from schemas.vocabulary import Source
from services.partners.errors import AuthorityNotTheirsError
from services.partners.ports import Caller, PartnerWork
from services.partners.pushing import PushMessages, push_messages

_BOM = b"\xef\xbb\xbf"
_RECEIPT_TIME = "%Y-%m-%d_%H:%M:%S.%f"


@dataclass(frozen=True, slots=True, repr=False)
class PushChildren:
    """Order: publish what may be published of these children of one authority."""

    caller: Caller
    la_code: str
    body: bytes


@dataclass(frozen=True, slots=True)
class ChildrenTaken:
    """One receipt a child, in their order; none for an empty batch."""

    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChildFault:
    """Which child of the batch cannot be read, from 0, and why: names and codes, no value.

    Without an index it is the body that is none.
    """

    index: int | None
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChildrenRefused:
    """What has to be mended before anything of the batch is taken."""

    faults: tuple[ChildFault, ...]


def push_children(command: PushChildren, *, work: PartnerWork) -> ChildrenTaken | ChildrenRefused:
    """Take the whole batch, or none of it and tell which children cannot be read.

    Its sender takes anything but success for a failure of the whole batch, and next time compares
    with what it last sent with success. If part of a failed batch were taken, a change that is
    taken back before the next time would never be sent again. A child that is withheld or came
    before is taken: it has its receipt. Raises AuthorityNotTheirsError, ScopeMissingError or
    BodyTooLargeError.
    """
    # (1) A partner sends for its own authority.
    if command.caller.la_code not in {None, command.la_code}:
        raise AuthorityNotTheirsError("the token is not for this authority")
    # (2) Every child can be read, or none is taken.
    found = _children(command, work.now)
    faults = [
        _fault(one.index, one.outcome) for one in found if isinstance(one.outcome, Unreadable)
    ]
    if faults or not found:
        return ChildrenRefused(tuple(faults)) if faults else ChildrenTaken(())
    # (3) A body that is sent again for want of an answer is the same messages.
    first = _first_sent(command, work)
    again = found if first == work.now else _children(command, first)
    pushed = push_messages(PushMessages(command.caller, Source.SOCIAL_CARE, again), work=work)
    at = work.now.strftime(_RECEIPT_TIME)
    return ChildrenTaken(tuple(f"{at}_{UUID(hex=one.receipt)}" for one in pushed))


def _children(command: PushChildren, at: datetime) -> Sequence[Received]:
    if not command.body.removeprefix(_BOM).lstrip().startswith(b"["):
        why = Unreadable(BODY, "not-a-list")
        return [Received(0, why, raw=lambda: command.body)]
    return list(read_csc(BytesIO(command.body), received_at=at, la_code=command.la_code))


def _fault(index: int, why: Unreadable) -> ChildFault:
    return ChildFault(None if why.field == BODY else index, why.field, why.reason)


def _first_sent(command: PushChildren, work: PartnerWork) -> datetime:
    """When the same body first came within this hour.

    Senders try again within a minute. The same later is news: an authority may have gone back to
    what it said before something else.
    """
    hour = work.now.strftime("%Y-%m-%dT%H")
    digest = sha256(command.body).hexdigest()
    event = work.digest("children", command.caller.partner, command.la_code, hour, digest)
    return work.received_first.first([event], at=work.now)[event]
