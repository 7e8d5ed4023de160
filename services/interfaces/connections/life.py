"""The life of a connection: how it stands, what may happen to it, and the closed lists. Pure.

Each change is one step of `after`; whoever makes it writes it with its entry and what it ends.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.vocabulary import LabelledCode


class ConnectionStatus(LabelledCode):
    """How a connection stands."""

    DRAFT = "draft", "Not sent yet"
    AGREED = "agreed", "Agreed, not sent yet"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Received"
    OPENED = "opened", "Opened"
    ACCEPTED = "accepted", "Said yes"
    CONTACTED = "contacted", "In touch with the family"
    STARTED = "started", "Help has begun"
    FINISHED = "finished", "Finished"
    DECLINED = "declined", "Said no"
    LAPSED = "lapsed", "No answer"
    WITHDRAWN = "withdrawn", "Stopped by the family"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can become of it."""
        return self in OVER

    @property
    def is_with_partner(self) -> bool:
        """Whether the partner may ask to see it at all; what of it, says `decide`."""
        return self in WITH_PARTNER


class ConnectionChange(LabelledCode):
    """What may happen to a connection."""

    AGREE = "agree", "The family agreed"
    SEND = "send", "It was sent"
    DELIVER = "deliver", "It was received"
    FAIL = "fail", "It could not be delivered"
    OPEN = "open", "The service opened it"
    RING = "ring", "The service asks to be rung"
    ACCEPT = "accept", "The service said yes"
    DECLINE = "decline", "The service said no"
    CONTACT = "contact", "The service got in touch"
    START = "start", "Help began"
    FINISH = "finish", "It is finished"
    LAPSE = "lapse", "Nobody answered in time"
    WITHDRAW = "withdraw", "The family stopped it"


class DeclineReason(LabelledCode):
    """Why a service says no."""

    FULL = "full", "No place free"
    WAITING_LIST = "waiting-list", "The waiting list is too long"
    AGE = "age", "Not the right age"
    AREA = "area", "Not in our area"
    NEED_NOT_OURS = "need-not-ours", "Not what we help with"
    NEEDS_MORE = "needs-more-than-we-offer", "They need more than we offer"
    ALREADY_WITH_US = "already-with-us", "They come to us already"
    LANGUAGE_OR_ACCESS = "language-or-access", "We do not have the language or access they need"
    DUPLICATE = "duplicate", "We were asked twice"
    CLOSING = "closing", "We are closing, or closed for a time"
    OTHER = "other", "Something else"


class EndReason(LabelledCode):
    """Why help ended."""

    GOALS_MET = "goals-met", "The family has what it wanted"
    FAMILY_STOPPED = "family-stopped", "The family did not want it any more"
    COULD_NOT_REACH = "could-not-reach", "The family could not be reached"
    MOVED = "moved", "The family moved away"
    PASSED_ON = "passed-on", "Another service helps now"
    STATUTORY = "turned-into-statutory", "A statutory service helps now"
    OTHER = "other", "Something else"


ASK: Final = "ask"
"""What happened first to a request that waits, as not every permission is in force yet."""
_S, _C = ConnectionStatus, ConnectionChange
OVER: Final = frozenset({_S.FINISHED, _S.DECLINED, _S.LAPSED, _S.WITHDRAWN})
WAITS_FOR_ANSWER: Final = frozenset({_S.SENT, _S.DELIVERED, _S.OPENED})
HELPING: Final = frozenset({_S.ACCEPTED, _S.CONTACTED, _S.STARTED})
WITH_PARTNER: Final = WAITS_FOR_ANSWER | HELPING
_STEPS: Final[Mapping[tuple[ConnectionStatus, ConnectionChange], ConnectionStatus]] = (
    MappingProxyType(
        {
            (_S.DRAFT, _C.AGREE): _S.AGREED,
            (_S.AGREED, _C.SEND): _S.SENT,
            # Sent once more, as after it came back.
            (_S.SENT, _C.SEND): _S.SENT,
            (_S.SENT, _C.DELIVER): _S.DELIVERED,
            # A message may come back after somebody took it, and a receipt may be lost.
            **{(s, _C.FAIL): _S.SENT for s in (_S.SENT, _S.DELIVERED)},
            **{(s, _C.OPEN): _S.OPENED for s in WAITS_FOR_ANSWER},
            (_S.OPENED, _C.RING): _S.OPENED,
            (_S.OPENED, _C.ACCEPT): _S.ACCEPTED,
            (_S.OPENED, _C.DECLINE): _S.DECLINED,
            # Who tries again to reach a family says so again.
            **{(s, _C.CONTACT): _S.CONTACTED for s in (_S.ACCEPTED, _S.CONTACTED)},
            **{(s, _C.START): _S.STARTED for s in (_S.ACCEPTED, _S.CONTACTED)},
            **{(s, _C.FINISH): _S.FINISHED for s in HELPING},
            **{(s, _C.LAPSE): _S.LAPSED for s in (_S.DRAFT, _S.AGREED, *WAITS_FOR_ANSWER)},
            **{(s, _C.WITHDRAW): _S.WITHDRAWN for s in ConnectionStatus if s not in OVER},
        }
    )
)


def after(status: ConnectionStatus, change: ConnectionChange) -> ConnectionStatus | None:
    """How it stands after that; None where it cannot happen now."""
    return _STEPS.get((status, change))
