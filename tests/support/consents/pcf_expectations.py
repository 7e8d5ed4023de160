"""What the notes of the IHE PCF samples state, one row a consent, written down by reading them.

Every consent is asked for each purpose, label and actor below; `permitted` says for which the notes
give a token that lets the data through, everything else they refuse. `named` is the actor that the
consent names, or Practitioner/ex-practitioner where it names nobody; `other` is somebody else.
`residuals` says which note states what is left to enforce when nothing is said of the data.
"""

from dataclasses import dataclass, field

NOTE = "Consent-{}-notes.md"
TREAT, RESEARCH, BREAK_GLASS, PROJECT = "treatment", "research", "break-glass", "FooBar"
PURPOSES = (TREAT, RESEARCH, BREAK_GLASS)
LABELS = ("N", "R", "PSY")
ACTORS = ("named", "other")
ALL_LABELS, BOTH = frozenset(LABELS), frozenset(ACTORS)

Permit = tuple[str, frozenset[str], frozenset[str]]
"""A purpose, and the labels and actors that are let through for it."""


@dataclass(frozen=True)
class Expected:
    """One consent: what is permitted, by which words of which text, and what is left over."""

    consent: str
    says: str
    permitted: tuple[Permit, ...]
    residuals: dict[tuple[str, str], str] = field(default_factory=dict)
    at: str = "2023-07-01T12:00:00Z"
    purposes: tuple[str, ...] = PURPOSES
    named: str = "Practitioner/ex-practitioner"


def _everything(*purposes: str, labels: frozenset[str] = ALL_LABELS) -> tuple[Permit, ...]:
    return tuple((purpose, labels, BOTH) for purpose in purposes)


def _left(note: str, *purposes: str, actors: frozenset[str] = BOTH) -> dict[tuple[str, str], str]:
    return {(purpose, actor): NOTE.format(note) for purpose in purposes for actor in actors}


_TPO = (TREAT, BREAK_GLASS)
"""Break-glass is a kind of treatment (HL7 v3-ActReason); the note on break-glass needs it so."""
_NORMAL = "ex-consent-advanced-normal"
_NORMAL_RESTRICTED = "ex-consent-advanced-normal-restricted"
_N, _NR, _NPSY = frozenset({"N"}), frozenset({"N", "R"}), frozenset({"N", "PSY"})
_NAMED, _OTHER = frozenset({"named"}), frozenset({"other"})


def _intermediate(name: str, says: str) -> Expected:
    return Expected(name, says, _everything(*_TPO), _left(name, *_TPO))


def _focused(name: str, says: str, labels: frozenset[str], named_note: str) -> Expected:
    """Named actors get more than normal data; the others what the NORMAL consent gives."""
    return Expected(
        name,
        says,
        tuple((p, labels, _NAMED) for p in _TPO) + tuple((p, _N, _OTHER) for p in _TPO),
        _left(named_note, *_TPO, actors=_NAMED) | _left(_NORMAL, *_TPO, actors=_OTHER),
    )


EXPECTED = (
    Expected(
        "ex-consent-basic-treat",
        "in this case there is no residual … for a given purpose of use",
        _everything(*_TPO),
        _left("ex-consent-basic-treat", *_TPO),
    ),
    Expected(
        "ex-consent-basic-treat-infant",
        "(no note; its description) TPO to an infant's data, given by the mother",
        _everything(*_TPO),
        _left("ex-consent-basic-treat", *_TPO),
    ),
    Expected(
        "ex-consent-basic-ink",
        "exactly the same as Basic Consent to sharing for Treatment policy",
        _everything(*_TPO),
        _left("ex-consent-basic-treat", *_TPO),
    ),
    Expected(
        "ex-consent-expired-treat",
        "if the request is after expiration, … an error response",
        (),
    ),
    Expected(
        "ex-consent-expired-treat",
        "requested prior to expiration, … the same as Basic Consent",
        _everything(*_TPO),
        _left("ex-consent-basic-treat", *_TPO),
        at="2022-12-31T12:00:00Z",
    ),
    Expected("ex-consent-basic-reject", "responds with an error response", ()),
    Expected(
        "ex-consent-basic-research",
        "(no note; its description) HRESCH … all Healthcare Research",
        _everything(RESEARCH),
    ),
    _intermediate(
        "ex-consent-intermediate-timeframe",
        "nothing BUT the information authored in that timeframe is allowed",
    ),
    _intermediate(
        "ex-consent-intermediate-not-timeframe",
        "need only express the forbid to information authored in a given timeframe",
    ),
    _intermediate(
        "ex-consent-intermediate-authoredby",
        "nothing BUT the information authored by the given practitioner is allowed",
    ),
    _intermediate(
        "ex-consent-intermediate-not-authoredby",
        "need only express the forbid to information authored by the given practitioner",
    ),
    _intermediate(
        "ex-consent-intermediate-encounter",
        "nothing BUT the information related to the encounter is allowed",
    ),
    _intermediate(
        "ex-consent-intermediate-not-encounter",
        "need only express the forbid to information related to the encounter",
    ),
    _intermediate("ex-consent-intermediate-data", "nothing BUT the data is allowed"),
    _intermediate("ex-consent-intermediate-not-data", "one resource should be forbidden"),
    Expected(
        "ex-consent-intermediate-purpose",
        "no token … for users not a part of the Research organization, or … not purpose FooBar",
        ((PROJECT, ALL_LABELS, _NAMED),),
        _left("ex-consent-intermediate-purpose", PROJECT, actors=_NAMED),
        purposes=(*PURPOSES, PROJECT),
        named="Organization/ex-org-researcher",
    ),
    Expected(
        "ex-dissent-intermediate-break-glass",
        "denies all access except for break-glass … by an authorized user",
        ((BREAK_GLASS, ALL_LABELS, _NAMED),),
        _left("ex-dissent-intermediate-break-glass", BREAK_GLASS, actors=_NAMED),
    ),
    Expected(
        _NORMAL,
        "nothing BUT normal data is allowed",
        _everything(*_TPO, labels=_N),
        _left(_NORMAL, *_TPO),
    ),
    Expected(
        _NORMAL_RESTRICTED,
        "permit normal data (N and R in its residual)",
        _everything(*_TPO, labels=_NR),
        _left(_NORMAL_RESTRICTED, *_TPO),
    ),
    Expected(
        "ex-consent-advanced-normal-not-restricted",
        "nothing BUT normal data …, a redundant forbid of restricted data",
        _everything(*_TPO, labels=_N),
        _left("ex-consent-advanced-normal-not-restricted", *_TPO),
    ),
    _focused(
        "ex-consent-advanced-normal-focused-restricted",
        "for the given Practitioner … NORMAL and RESTRICTED, for most users … NORMAL",
        _NR,
        _NORMAL_RESTRICTED,
    ),
    _focused(
        "ex-consent-advanced-normal-focused-psy",
        "permit normal data, permit Mental Health data; not Practitioner: NORMAL",
        _NPSY,
        "ex-consent-advanced-normal-focused-psy",
    ),
    _focused(
        "ex-consent-advanced-normal-focused-psy-or-sdv",
        "permit normal data, permit Mental Health and Sexual Health; not Practitioner: NORMAL",
        _NPSY,
        "ex-consent-advanced-normal-focused-psy-or-sdv",
    ),
    Expected(
        "ex-consent-advanced-normal-break-glass-restricted",
        "break-glass authorized users that have declared break-glass … NORMAL and RESTRICTED",
        (
            (TREAT, _N, BOTH),
            (BREAK_GLASS, _NR, _NAMED),
            (BREAK_GLASS, _N, _OTHER),
        ),
        _left(_NORMAL, TREAT)
        | _left(_NORMAL, BREAK_GLASS, actors=_OTHER)
        | _left(_NORMAL_RESTRICTED, BREAK_GLASS, actors=_NAMED),
    ),
)
