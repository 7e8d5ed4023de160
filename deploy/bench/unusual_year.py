"""A year of looks as `misuse.py` writes it, as acts and what is known beside them."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from consent.model import RelationshipGround
from services.audit.unusual.model import (
    ActKind,
    HashedPerson,
    Known,
    LedgerAct,
    OnStaffList,
    RelationshipState,
    StaffIndex,
    UnusualRule,
)
from services.audit.unusual.settings import UnusualSettings
from services.people.linking.comparing import Field
from services.people.linking.facts import KeyKind, compact, hashed_key
from services.people.linking.scoring import shipped_weights
from services.platform.keys.hashing import KeyedHasher

_HASHER = KeyedHasher(b"invented people only")
_GROUNDS = {
    "family-not-confirmed": RelationshipGround.FAMILY_UNCONFIRMED,
    "referral": RelationshipGround.REFERRAL,
    "emergency": RelationshipGround.EMERGENCY,
    # `decide` lets nobody through by a case-load that is not in force, so whatever list has none on
    # that day is what lacks: they stood in. Read from the look's own ground, never from a label.
    "case-load": RelationshipGround.COVER,
}
_RULES = {"refused": UnusualRule.REFUSED_OFTEN}
_LASTS = {RelationshipGround.REFERRAL: timedelta(days=60)}
_VISIT = timedelta(minutes=30)
ROLE = "practitioner"


@dataclass(slots=True)
class Year:
    """All acts in order, what is known, and which places were planted for which rule.

    `searches` are the places of searches that nobody made for a look, in runs of one worker.
    """

    acts: Sequence[LedgerAct]
    known: Known
    planted: Mapping[UnusualRule, Sequence[set[int]]]
    looks: int
    by_worker: dict[str, list[LedgerAct]] = field(default_factory=dict)
    by_person: dict[str, list[LedgerAct]] = field(default_factory=dict)


def read_year(folder: Path, settings: UnusualSettings) -> Year:
    """Read what `misuse.py` has written."""
    looks = list(_rows(folder / "looks.csv"))
    told = list(_told(folder, looks))
    told.sort(key=lambda one: one[0].at)
    acts, places = [], defaultdict(list)
    for place, (act, key) in enumerate(told):
        acts.append(LedgerAct(place, act.at, act.kind, act.by, act.persons))
        if key:
            places[key].append(place)
    year = Year(acts, _known(folder, looks, settings), _planted(folder, places, acts), len(looks))
    for act in acts:
        year.by_worker.setdefault(act.by, []).append(act)
        if act.person is not None:
            year.by_person.setdefault(act.person, []).append(act)
    return year


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def _told(folder: Path, looks: Sequence[Mapping[str, str]]) -> Iterator[tuple[LedgerAct, str]]:
    for row in looks:
        who = row["practitioner"], (row["person"],)
        at = datetime.fromisoformat(row["at"])
        if row["ground"] == "emergency":
            yield LedgerAct(0, at, ActKind.EMERGENCY, *who), row["look"]
        if row["ground"] == "family-not-confirmed":
            yield LedgerAct(0, at, ActKind.CLAIM, *who), row["look"]
        kind = ActKind.LOOK if row["outcome"] == "allowed" else ActKind.REFUSED
        yield LedgerAct(0, at, kind, *who), row["look"]
    for row in _rows(folder / "searches.csv"):
        at = datetime.fromisoformat(row["at"])
        yield LedgerAct(0, at, ActKind.SEARCH, row["practitioner"]), ""
    for row in _rows(folder / "work.csv"):
        at = datetime.fromisoformat(row["at"])
        yield LedgerAct(0, at, ActKind.WORK, row["practitioner"], (row["person"],)), ""


def _known(folder: Path, looks: Sequence[Mapping[str, str]], settings: UnusualSettings) -> Known:
    families = list(_rows(folder / "families.csv"))
    holders = Counter(_surname(row["surname"]) for row in families)
    weights = shipped_weights()
    bits = {
        name: weights.of_value(Field.FAMILY, count / len(families))
        for name, count in holders.items()
    }
    persons = {
        row["person"]: HashedPerson(
            frozenset({_surname(row["surname"])}), frozenset({_postcode(row["postcode"])})
        )
        for row in families
    }
    return Known(
        settings,
        StaffIndex(list(_staff(folder))),
        _relationships(folder, looks),
        persons,
        lambda name: bits.get(name, 0.0),
    )


def _surname(name: str) -> bytes:
    return hashed_key(KeyKind.SURNAME, (compact(name) or "",), _HASHER)


def _postcode(text: str) -> bytes:
    return hashed_key(KeyKind.POSTCODE, (compact(text) or "",), _HASHER)


def _staff(folder: Path) -> Iterator[OnStaffList]:
    duty = defaultdict(set)
    for row in _rows(folder / "rota.csv"):
        duty[row["practitioner"]].add(date.fromisoformat(row["date"]))
    for row in _rows(folder / "staff.csv"):
        leave = date.fromisoformat(row["leave_from"]), date.fromisoformat(row["leave_to"])
        yield OnStaffList(
            row["practitioner"],
            frozenset({_surname(row["surname"])}),
            frozenset({_postcode(row["postcode"])}),
            team=sha256(row["team"].encode()).digest()[:16],
            leave=(leave,),
            duty=frozenset(duty[row["practitioner"]]),
        )


def _relationships(
    folder: Path, looks: Sequence[Mapping[str, str]]
) -> Mapping[tuple[str, str], Sequence[RelationshipState]]:
    """Those on the list, and what looks that rest on something else rested on."""
    found = defaultdict(list)
    for number, row in enumerate(_rows(folder / "relationships.csv")):
        since, until = (
            datetime.combine(date.fromisoformat(row[name]), datetime.min.time(), UTC)
            for name in ("from", "until")
        )
        state = RelationshipState(
            f"r{number}", 1, RelationshipGround(row["ground"]), since, since, until
        )
        found[row["practitioner"], row["person"]].append(state)
    for look in looks:
        ground = _GROUNDS.get(look["ground"])
        if ground is not None:
            at = datetime.fromisoformat(look["at"])
            until = at + _LASTS.get(ground, _VISIT)
            state = RelationshipState(look["look"], 1, ground, at, at, until)
            found[look["practitioner"], look["person"]].append(state)
    return found


def _planted(
    folder: Path, places: Mapping[str, Sequence[int]], acts: Sequence[LedgerAct]
) -> Mapping[UnusualRule, Sequence[set[int]]]:
    found: dict[UnusualRule, list[set[int]]] = defaultdict(list)
    for row in _rows(folder / "labels.csv"):
        rule = _RULES.get(row["rule"]) or UnusualRule(row["rule"])
        found[rule].append(set(places[row["look"]]))
    found[UnusualRule.SEARCH_FISHING] = list(_lone_runs(acts))
    return found


def _lone_runs(acts: Sequence[LedgerAct]) -> Iterator[set[int]]:
    """Searches that no look goes with; the year has no labels of those. A minute lies between."""
    looked = {(act.by, act.at) for act in acts if act.kind is ActKind.LOOK}
    runs: dict[str, tuple[datetime, set[int]]] = {}
    for act in acts:
        if act.kind is not ActKind.SEARCH or (act.by, act.at) in looked:
            continue
        last, run = runs.get(act.by, (act.at, set()))
        if act.at - last > _VISIT:
            yield run
            run = set()
        run.add(act.place)
        runs[act.by] = act.at, run
    yield from (run for _, run in runs.values())
