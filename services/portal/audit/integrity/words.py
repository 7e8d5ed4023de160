"""Integrity in words: how each part stands, what it means, and what to do first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.audit.integrity.postgres_looking import Integrity
from services.audit.integrity.standing import Finding, Stands, WatchedPart, WitnessSeen
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words

_COLOURS = {Stands.WHOLE: "green", Stands.UNKNOWN: "yellow", Stands.OFF: "red"}
_SAID: Mapping[str, str] = {
    "signed": "Signed by our key, over the tree that is stored.",
    "nothing-signed": "Nothing is signed yet.",
    "not-our-key": "It is not signed by our key.",
    "another-tree": "It is not over the tree that is stored.",
    "entries-wait": "Entries have waited for their place for more than ten minutes.",
    "same": "The tree begins with the copy beside the key.",
    "no-copy": "There is no copy of a checkpoint beside the key.",
    "copy-not-ours": "The copy beside the key is not signed by our key.",
    "entries-lack": "Entries that were signed before are gone: an older backup, or removed.",
    "none-named": "No witness is named: nobody outside has seen this ledger.",
    "one-tree": "All of them saw this one tree.",
    "never-signed": "A witness has signed nothing yet.",
    "said-no": "A witness said no to a checkpoint, and has signed none since.",
    "faults": "The last full pass found what does not agree.",
    "no-file-named": "No file is named in which backups say that they were made.",
    "file-not-read": "The file in which backups say that they were made cannot be read.",
    "to-come": "The time that it says is to come.",
    "too-old": "Too long ago.",
    "not-known": "Nothing tells of it.",
    "in-time": "In time.",
    "those-of-the-database": "They are the ones that this database was made with.",
    "not-those-of-the-database": "They are not the ones that this database was made with.",
    "nobody-named": "No number and no address is named that an alarm goes to.",
    "named": "It goes to whom the settings name.",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_AGES = ((2 * _MINUTE, 1, "s"), (2 * _HOUR, _MINUTE, "min"), (3 * _DAY, _HOUR, "hours"))
_EFFECT: Mapping[WatchedPart, str] = {
    WatchedPart.CHECKPOINT: "What is entered meanwhile cannot be proved.",
    WatchedPart.BEGINNING: "Nothing is signed until somebody has looked.",
    WatchedPart.WITNESSES: "Checkpoints are still made. Nobody outside vouches for them.",
    WatchedPart.ROWS: "A row that does not agree permits nothing. What it denied stays denied.",
    WatchedPart.BACKUP: "What is lost now could not be brought back.",
    WatchedPart.RESTORED: "Nobody knows whether a backup is of use.",
    WatchedPart.KEYS: "What is kept under them cannot be read, and no process starts.",
    WatchedPart.ALARM: "Nobody outside hears when something is off.",
    WatchedPart.WATCH: "Nobody outside hears when something is off: the relay does not run.",
}
_DO_FIRST: Mapping[WatchedPart, str] = {
    WatchedPart.CHECKPOINT: "Runbook 004: run ledger verify",
    WatchedPart.BEGINNING: "Runbook 004: restored from an older backup",
    WatchedPart.WITNESSES: "Runbook 004: a witness says no. Keep both signed texts",
    WatchedPart.ROWS: "Runbook 004: a row does not match its entry",
    WatchedPart.BACKUP: "Runbook 018: backups. Make one now",
    WatchedPart.RESTORED: "Runbook 018: backups. Restore one elsewhere",
    WatchedPart.KEYS: "Runbook 007: when it does not start for want of keys",
    WatchedPart.ALARM: "Runbook 018: alarms",
    WatchedPart.WATCH: "Runbook 000: start the relay",
}


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part: how it stands, by what that is known, and since when."""

    part: str
    tag: Tag
    said: str
    at: str
    effect: str
    do_first: str


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """One witness."""

    name: str
    signed: str
    age: str
    tag: Tag
    said: str


@dataclass(frozen=True, slots=True)
class StandingLine:
    """All of it in one line: `level` is whole, unknown or off."""

    level: str
    heading: str
    text: str


def standing_line(integrity: Integrity) -> StandingLine:
    """How everything stands in one sentence and a few; the first page of the workbench has it."""
    level = integrity.stands
    named = [f for f in integrity.findings if f.stands is level]
    parts = ", ".join(_lower(finding.part.label) for finding in named)
    looked = integrity.looked_at
    by_itself = (
        "Nobody has looked by itself yet."
        if looked is None
        else f"Last looked at by itself {age(integrity.at - looked)} ago."
    )
    match level:
        case Stands.WHOLE:
            heading, told = f"Whole {moment_in_words(integrity.at)}.", "Nothing is off."
        case Stands.UNKNOWN:
            heading, told = "Not known to be whole.", f"Nothing is off. Not known: {parts}."
        case Stands.OFF:
            number = f"{len(named)} {'thing is' if len(named) == 1 else 'things are'}"
            heading, told = f"Not whole: {number} off.", f"Off: {parts}.{_since(integrity)}"
    return StandingLine(level.value, heading, f"{told} {by_itself}")


def _since(integrity: Integrity) -> str:
    changed = integrity.changed
    if changed is None or changed.stands is not Stands.OFF:
        return ""
    told = f" Told to {changed.told} outside." if changed.told else " Nobody outside was told."
    return f" Since {moment_in_words(changed.at)}.{told}"


def part_lines(integrity: Integrity, *, only_off: bool = False) -> list[PartLine]:
    """The parts, or those that are off."""
    return [
        PartLine(
            one.part.label,
            Tag(one.stands.label, _COLOURS[one.stands]),
            _SAID[one.because] + _how_many(one),
            "" if one.at is None else f"{moment_in_words(one.at)}, {age(integrity.at - one.at)}",
            _EFFECT[one.part],
            _DO_FIRST[one.part],
        )
        for one in integrity.findings
        if not only_off or one.stands is Stands.OFF
    ]


def _how_many(one: Finding) -> str:
    if one.part is WatchedPart.ROWS and one.number:
        return f" {one.number:,} in all."
    if one.part is WatchedPart.BEGINNING and one.number:
        return f" Signed before: {one.number:,} entries."
    return ""


def witness_lines(integrity: Integrity) -> list[WitnessLine]:
    """Every witness, and whether it agrees with the others: all saw the one tree, or not."""
    return [_witness(one, integrity) for one in integrity.witnesses]


def _witness(one: WitnessSeen, integrity: Integrity) -> WitnessLine:
    stands = one.stands(integrity.ledger.size, integrity.at)
    return WitnessLine(
        one.name,
        f"Size {one.size:,}" if one.size else "Nothing",
        "" if one.at is None else age(integrity.at - one.at),
        Tag(
            "Agrees" if stands.stands is Stands.WHOLE else stands.stands.label,
            _COLOURS[stands.stands],
        ),
        _SAID[stands.because] if stands.stands is not Stands.WHOLE else "",
    )


def checkpoint_rows(integrity: Integrity) -> list[tuple[str, str]]:
    """The checkpoint that was signed last."""
    ledger = integrity.ledger
    if ledger.signed_at is None:
        return [("Signed", "Nothing yet")]
    when = f"{moment_in_words(ledger.signed_at)}, {age(integrity.at - ledger.signed_at)} ago"
    return [
        ("Size", f"{ledger.size:,}"),
        ("Root", ledger.root.hex() or "not read"),
        ("Signed", when),
        ("Waiting for a place", f"{ledger.waiting:,}"),
    ]


def pass_rows(integrity: Integrity) -> list[tuple[str, str]]:
    """What the last pass over the whole ledger and all bound rows found."""
    found = integrity.last_pass
    if found is None:
        return [("Last full pass", "Not known: none was ever kept")]
    took = age(found.ended_at - found.begun_at)
    when = f"{moment_in_words(found.ended_at)}, {age(integrity.at - found.ended_at)} ago"
    return [
        ("Last full pass", f"{when}. It took {took}"),
        ("Entries read", f"{found.entries:,}"),
        ("Rows compared", f"{found.rows:,}"),
        ("Do not agree", f"{found.faults:,}"),
        ("By", found.said_by),
    ]


def age(time: timedelta) -> str:
    """How long ago, as precisely as it matters."""
    seconds = max(0, int(time.total_seconds()))
    for most, unit, name in _AGES:
        if seconds < most:
            return f"{seconds // unit} {name}"
    return f"{seconds // _DAY} days"


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]
