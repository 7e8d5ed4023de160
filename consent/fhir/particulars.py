"""What a sharing decision says that decides nothing for a FHIR reader: its particulars.

Each stands in an extension of our own, `urn:tell-once:extension:consent-<name>`, on the Consent.
None of them is a modifier: whoever passes over them sees less of the story and no more of the data
(FHIR R4 section 2.4, Extensibility). How a decision ended stands in `status` too, where FHIR can
say it; which of the ways it was, only here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    InvalidationReason,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.fhir.elements import ConsentElementError, Element
from consent.fhir.terms import (
    COUNT,
    DECISION_ID,
    EXTENSION,
    FLAG,
    TEXT,
    TIME,
    USUAL_MODES,
    TermKind,
    coded,
    several,
    several_codes,
)
from consent.model import Mode, Proposal, Response, SharingAct, SharingDecision
from schemas.identifiers import DecisionId


@dataclass(frozen=True, slots=True)
class Particulars:
    """All of them; None and False where a decision does not say it.

    `mode` only of what is no permission, and not the usual one: of a permission the labels say it.
    `subjects` is about how many persons the decision is, where it is about several: one Consent can
    name but one.
    """

    mode: Mode | None = None
    subjects: int | None = None
    because: RefusalReason | NotAskedReason | None = None
    review_at: datetime | None = None
    withdrawn_at: datetime | None = None
    superseded_at: datetime | None = None
    superseded_by: DecisionId | None = None
    supersedes: DecisionId | None = None
    objects_to: DecisionId | None = None
    invalidated_at: datetime | None = None
    invalidated_because: InvalidationReason | None = None
    channel: Channel | None = None
    interpreted_into: str | None = None
    notice_version: str | None = None
    recorded_by: str | None = None
    competence: CompetenceJudgement | None = None
    presumed_competent: bool = False
    proposed: Proposal | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    change_asked: Proposal | None = None
    tied_to: DecisionId | None = None
    seconded: CompetenceJudgement | None = None
    present: frozenset[Present] | None = None
    recorded_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it was withdrawn, replaced or marked as invalid."""
        return any((self.withdrawn_at, self.superseded_at, self.invalidated_at))


_COMPETENCE = several(
    [
        ("understands-what-is-shared", FLAG),
        ("understands-who-would-see", FLAG),
        ("understands-what-may-follow", FLAG),
        ("weighs-it-up", FLAG),
        ("decides-freely", FLAG),
        ("judged-by", TEXT),
        ("judged-at", TIME),
    ],
    CompetenceJudgement,
)
_PROPOSAL = several(
    [
        ("act", coded(act=SharingAct)),
        ("asked-by", TEXT),
        ("at", TIME),
        ("until", TIME),
        ("because", coded(invalidation_reason=InvalidationReason)),
        ("lapse-entered", FLAG),
    ],
    Proposal,
    optional=frozenset({"because"}),
)
_KINDS: Mapping[str, TermKind] = {
    "mode": coded(mode=Mode),
    "subjects": COUNT,
    "because": coded(refusal_reason=RefusalReason, not_asked_reason=NotAskedReason),
    "review-at": TIME,
    "withdrawn-at": TIME,
    "superseded-at": TIME,
    "superseded-by": DECISION_ID,
    "supersedes": DECISION_ID,
    "objects-to": DECISION_ID,
    "invalidated-at": TIME,
    "invalidated-because": coded(invalidation_reason=InvalidationReason),
    "channel": coded(channel=Channel),
    "interpreted-into": TEXT,
    "notice-version": TEXT,
    "recorded-by": TEXT,
    "competence": _COMPETENCE,
    "presumed-competent": FLAG,
    "proposed": _PROPOSAL,
    "confirmed-at": TIME,
    "confirmed-by": TEXT,
    "change-asked": _PROPOSAL,
    "tied-to": DECISION_ID,
    "seconded": _COMPETENCE,
    "present": several_codes(Present),
    "recorded-at": TIME,
}
_OF_CIRCUMSTANCES = frozenset(
    {"channel", "interpreted_into", "notice_version", "recorded_by"}
    | {"competence", "presumed_competent", "seconded", "present"}
)


def particulars_of(decision: SharingDecision) -> Particulars:
    """The particulars of this decision."""
    stated = {
        part.name: getattr(
            decision.circumstances if part.name in _OF_CIRCUMSTANCES else decision, part.name
        )
        for part in fields(Particulars)
    }
    usual = decision.mode if decision.response is Response.GIVEN else USUAL_MODES[decision.response]
    number = len(decision.subjects)
    more = {
        "mode": None if decision.mode is usual else decision.mode,
        "subjects": number if number > 1 else None,
        "present": decision.circumstances.present or None,
    }
    return Particulars(**(stated | more))


def circumstances_from(
    particulars: Particulars, *, evidence: str | None, parents_are_not_told: bool
) -> Circumstances:
    """The circumstances of a decision with these particulars."""
    stated = {name: getattr(particulars, name) for name in _OF_CIRCUMSTANCES}
    stated["present"] = particulars.present or frozenset()
    return Circumstances(evidence=evidence, parents_are_not_told=parents_are_not_told, **stated)


def extensions_from(particulars: Particulars) -> list[dict[str, Any]]:
    """The particulars as extensions, in a fixed order."""
    stated = {name: getattr(particulars, name.replace("-", "_")) for name in _KINDS}
    return [
        {"url": EXTENSION + name, kind.element: kind.write(stated[name])}
        for name, kind in _KINDS.items()
        if stated[name] not in (None, False)
    ]


def particulars_from(written: Sequence[Element]) -> Particulars:
    """Back from extensions_from. Raises ConsentElementError naming what is no extension of ours."""
    stated: dict[str, Any] = {}
    for index, extension in enumerate(written):
        path = f"Consent.extension[{index}]"
        name = str(extension.get("url", "")).removeprefix(EXTENSION)
        kind = _KINDS.get(name)
        if kind is None or not str(extension["url"]).startswith(EXTENSION):
            raise ConsentElementError(path, "has-no-place-in-a-sharing-decision")
        if name in stated:
            raise ConsentElementError(path, "stands-twice")
        stated[name] = _value(extension, kind, path)
    return Particulars(**{name.replace("-", "_"): value for name, value in stated.items()})


def _value(extension: Element, kind: TermKind, path: str) -> Any:
    if extension.keys() - {"id"} != {"url", kind.element}:
        raise ConsentElementError(path, f"has-not-just-{kind.element}")
    try:
        return kind.read(extension[kind.element])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ConsentElementError(f"{path}.{kind.element}", "is-none-of-ours") from None
