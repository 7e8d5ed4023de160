"""The order of messages whose source gives them no date: that in which they were taken.

Whatever was taken last of somebody holds. So what comes once more after something else is news,
and what comes once more with nothing in between is the same message, and keeps its version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.ports import Received, Unreadable
from connectors.publishing.batch import ref_of
from connectors.publishing.events import RecordKeys
from connectors.publishing.ports import Hasher
from connectors.publishing.receiving.taken import Came, Earlier, OrderOfReceipt
from schemas.identifiers import RecordKey
from schemas.records.message import SourceMessage, Version
from schemas.vocabulary import Source

SENT_AGAIN_WITHIN = timedelta(hours=1)
"""Senders try again within minutes; who says the same later means that it holds still."""
_NEXT = timedelta(microseconds=1)
_LAST = "9999-12-31"
"""From here on no moment comes after another: a file may have been dated so."""


@dataclass(frozen=True, slots=True)
class AsItCame:
    """A message as it came; `before` are messages any of which it may be once more."""

    received: Received
    came: Came = Came.FILE
    before: Sequence[Earlier] = ()


def about_of(received: Received, keys: RecordKeys) -> RecordKey | None:
    """Whose statement it is, where its source gives it no date."""
    outcome = received.outcome
    if isinstance(outcome, Unreadable):
        about = outcome.statement_of
    else:
        about = outcome.undated.about if outcome.undated else None
    return keys.of_scopes((about,))[0] if about else None


def as_of(received: Received, version: Version) -> Received:
    """The same in that version, where its source gives it no date; else as it is."""
    outcome = received.outcome
    if isinstance(outcome, Unreadable):
        return replace(received, outcome=replace(outcome, version=version))
    if outcome.undated is None:
        return received
    return replace(received, outcome=outcome.known_as(outcome.message_id, version))


def in_order(
    source: Source,
    arrivals: Sequence[AsItCame],
    *,
    keys: RecordKeys,
    taken: OrderOfReceipt,
    hasher: Hasher,
) -> list[Received]:
    """The same messages, each under the id and the version under which it is taken.

    Nobody else takes any of the same people until the transaction ends.
    """
    abouts = [about_of(arrival.received, keys) for arrival in arrivals]
    newest = taken.newest(source, {about for about in abouts if about is not None})
    refs = [
        ref
        for arrival, about in zip(arrivals, abouts, strict=True)
        if about is not None
        for ref in refs_of(source, arrival.received, hasher)
    ]
    order = _Order(dict(newest), dict(taken.versions(source, refs)), _Ids(source, hasher))
    return [
        arrival.received if about is None else order.take(arrival, about)
        for arrival, about in zip(arrivals, abouts, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Ids:
    """Under which ids a message may be known."""

    source: Source
    hasher: Hasher

    def ref(self, message_id: str) -> str:
        return self.hasher.opaque("message", self.source, message_id)

    def once_more(self, message: SourceMessage, taken: Earlier) -> SourceMessage | None:
        """The message under id and version of what was taken, if that said the same."""
        version = Version.of(taken.version)
        undated = message.undated
        for numbered in (False, True):
            message_id = undated.id_at(version, numbered=numbered) if undated else ""
            if self.ref(message_id) == taken.ref:
                return message.known_as(message_id, version)
        return None


def ids_of(message: SourceMessage) -> Sequence[str]:
    """Every id under which it may have been taken: as the one of its moment, of several, formerly.

    A message that has a date of its own has one.
    """
    undated, own = message.undated, message.message_id
    if undated is None:
        return [own]
    numbered = undated.id_at(message.version, numbered=True)
    return [numbered, own, *([undated.former_id] if undated.former_id else [])]


def refs_of(source: Source, received: Received, hasher: Hasher) -> Sequence[str]:
    """Every keyed hash under which a message may have been taken."""
    message = received.outcome
    if isinstance(message, Unreadable):
        return [ref_of(source, received, hasher)]
    ids = _Ids(source, hasher)
    return [ids.ref(message_id) for message_id in ids_of(message)]


@dataclass(slots=True)
class _Order:
    """What was taken, kept up with as a batch is gone through."""

    newest: dict[RecordKey, Earlier]
    versions: dict[str, str | None]
    ids: _Ids

    def take(self, arrival: AsItCame, about: RecordKey) -> Received:
        """Place one message after those before it."""
        received, newest = arrival.received, self.newest.get(about)
        if isinstance(received.outcome, Unreadable):
            outcome: SourceMessage | Unreadable = self._unreadable(arrival, newest)
        else:
            outcome = self._message(arrival, received.outcome, newest)
        placed = replace(received, outcome=outcome)
        self._note(placed, about)
        return placed

    def _message(
        self, arrival: AsItCame, message: SourceMessage, newest: Earlier | None
    ) -> SourceMessage:
        # (1) A file that is read again.
        if arrival.came in {Came.FILE, Came.AGAIN}:
            same = self._known(message, newest)
            if same is not None:
                return same
        # (2) What it may be once more: what was asked for again, or the same event.
        for taken in arrival.before:
            same = self.ids.once_more(message, taken)
            if same is not None:
                return same
        # (3) What holds is said once more, soon: its sender had no answer.
        if newest is not None and _is_soon_after(newest, message.version):
            same = self.ids.once_more(message, newest)
            if same is not None:
                return same
        # (4) News, after whatever was taken before it.
        return self._news(arrival.came, message, newest)

    def _known(self, message: SourceMessage, newest: Earlier | None) -> SourceMessage | None:
        """As it was taken when the same was read before; None where it never was."""
        numbered, *plain = ids_of(message)
        for message_id in (numbered, *plain):
            ref = self.ids.ref(message_id)
            if ref not in self.versions:
                continue
            # A version of this program from before noted none.
            version = self.versions[ref] or message.version.sort_key
            is_later = newest is not None and message.version.sort_key > newest.version
            if message_id == numbered or not is_later:
                return message.known_as(message_id, Version.of(version))
        return None

    def _news(self, came: Came, message: SourceMessage, newest: Earlier | None) -> SourceMessage:
        version = _after(newest, message.version, came)
        undated = message.undated
        if undated is None:
            return message
        is_moved = version.at != message.version.at
        message_id = undated.id_at(version) if is_moved else message.message_id
        is_of_its_moment = newest is not None and version.at == Version.of(newest.version).at
        if self.ids.ref(message_id) in self.versions or (is_moved and is_of_its_moment):
            message_id = undated.id_at(version, numbered=True)
        return message.known_as(message_id, version)

    def _unreadable(self, arrival: AsItCame, newest: Earlier | None) -> Unreadable:
        """Parked under its bytes, whenever it comes: its version is that of the last time."""
        why = arrival.received.outcome
        assert isinstance(why, Unreadable)  # noqa: S101 as the caller found
        if why.version is None:
            return why
        known = self.versions.get(ref_of(self.ids.source, arrival.received, self.ids.hasher))
        version = _after(newest, why.version, arrival.came)
        if known is not None and (newest is None or known >= newest.version):
            version = Version.of(known)
        return replace(why, version=version)

    def _note(self, placed: Received, about: RecordKey) -> None:
        version = placed.outcome.version
        if version is None:
            return
        ref = ref_of(self.ids.source, placed, self.ids.hasher)
        self.versions[ref] = version.sort_key
        newest = self.newest.get(about)
        if newest is None or version.sort_key > newest.version:
            self.newest[about] = Earlier(ref, version.sort_key)


def _is_soon_after(newest: Earlier, version: Version) -> bool:
    before = datetime.fromisoformat(Version.of(newest.version).at)
    return datetime.fromisoformat(version.at) - before < SENT_AGAIN_WITHIN


def _after(newest: Earlier | None, version: Version, came: Came) -> Version:
    """Its version, or the next after what was taken if it cannot be older than that.

    A clock may have been put back, and another may have had the same moment.
    """
    if newest is None or version.sort_key > newest.version:
        return version
    last = Version.of(newest.version)
    if came is Came.NOW and last.at < _LAST:
        moment = datetime.fromisoformat(last.at) + _NEXT
        at = moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        return Version(at, version.number)
    if came is Came.NOW or (version.at == last.at and came is not Came.AGAIN):
        return Version(last.at, last.number + 1)
    return version
