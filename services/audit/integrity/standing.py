"""How each part stands, and all of it together; what is not known is not whole. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.vocabulary import LabelledCode


class WatchedPart(LabelledCode):
    """What can be whole or not; an alarm and the ledger name it by its code."""

    CHECKPOINT = "checkpoint", "The last checkpoint"
    BEGINNING = "beginning", "What was signed before is still there"
    WITNESSES = "witnesses", "Witnesses"
    ROWS = "rows", "Rows against ledger"
    BACKUP = "backup", "Backup"
    RESTORED = "restored", "Restored as a test"
    KEYS = "keys", "Keys"
    ALARM = "alarm", "Alarm to the outside"
    WATCH = "watch", "Looking by itself"


class Stands(LabelledCode):
    """How something stands."""

    WHOLE = "whole", "Whole"
    UNKNOWN = "unknown", "Not known"
    OFF = "off", "Off"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one part stands and by what that is known: a code, a number, and when."""

    part: WatchedPart
    stands: Stands
    because: str
    number: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """From what age on something is too old to be relied upon."""

    entries_wait: timedelta = timedelta(minutes=10)
    witness: timedelta = timedelta(hours=24)
    full_pass: timedelta = timedelta(hours=26)
    backup: timedelta = timedelta(hours=26)
    restored: timedelta = timedelta(days=35)
    watch: timedelta = timedelta(minutes=10)


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class WitnessSeen:
    """What one witness signed last and when; what it said no with since, if it did.

    `is_one_tree`: the tree that it signed is the beginning of ours.
    """

    name: str
    size: int = 0
    at: datetime | None = None
    is_one_tree: bool = True
    refused: int | None = None

    def stands(self, newest: int, now: datetime) -> Finding:
        """Whether it vouches for us: it saw our tree, all of it or lately."""
        if self.size and not self.is_one_tree:
            return _witnesses(Stands.OFF, "another-tree", self)
        if self.refused is not None:
            return _witnesses(Stands.OFF, "said-no", self)
        if self.at is None:
            return _witnesses(Stands.UNKNOWN, "never-signed", self)
        if self.size < newest and now - self.at > LIMITS.witness:
            return _witnesses(Stands.OFF, "too-old", self)
        return _witnesses(Stands.WHOLE, "one-tree", self)


def _witnesses(stands: Stands, because: str, seen: WitnessSeen) -> Finding:
    return Finding(WatchedPart.WITNESSES, stands, because, seen.size, seen.at)


def witnesses_stand(seen: Sequence[WitnessSeen], newest: int, now: datetime) -> Finding:
    """All witnesses together: the worst of them; without any nobody outside vouches."""
    if not seen:
        return Finding(WatchedPart.WITNESSES, Stands.UNKNOWN, "none-named")
    each = [one.stands(newest, now) for one in seen]
    worst = max(each, key=lambda one: _ORDER.index(one.stands))
    good = sum(one.stands is Stands.WHOLE for one in each)
    return Finding(WatchedPart.WITNESSES, worst.stands, worst.because, good, worst.at)


_ORDER = (Stands.WHOLE, Stands.UNKNOWN, Stands.OFF)


def aged(
    part: WatchedPart, at: datetime | None, limit: timedelta, now: datetime, *, is_off: bool
) -> Finding:
    """Something that is done again and again: not known where never; off or not known if late."""
    if at is None:
        return Finding(part, Stands.UNKNOWN, "not-known")
    if now - at > limit:
        return Finding(part, Stands.OFF if is_off else Stands.UNKNOWN, "too-old", at=at)
    return Finding(part, Stands.WHOLE, "in-time", at=at)


def together(findings: Sequence[Finding]) -> Stands:
    """Off if anything is; whole only if everything is known and whole."""
    return max((one.stands for one in findings), key=_ORDER.index, default=Stands.UNKNOWN)


def parts_off(findings: Sequence[Finding]) -> list[WatchedPart]:
    """What is off, in the order of parts."""
    return [one.part for one in findings if one.stands is Stands.OFF]
