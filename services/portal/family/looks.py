"""Who has looked at a family, and who was refused; for practitioners, and for the parents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemas.vocabulary import Purpose
from services.portal.decisions.summaries import DecisionSummary
from services.portal.words.cards import Tag
from services.portal.words.dates import moment_in_words
from services.profile.ports import ListedLook


@dataclass(frozen=True, slots=True, repr=False)
class LookLine:
    """One look: when, who, for which organisation and purpose, what came of it, which parts."""

    when: str
    who: str
    agency: str
    purpose: str
    outcome: Tag
    parts: str


def look_lines(looks: Iterable[ListedLook]) -> tuple[LookLine, ...]:
    """Write the looks in the order given."""
    return tuple(_line(look) for look in looks)


def _line(look: ListedLook) -> LookLine:
    return LookLine(
        when=moment_in_words(look.at),
        who=look.practitioner_name,
        agency=_agency(look),
        purpose=_purpose(look.purpose),
        outcome=Tag("Seen", "blue") if look.permitted else Tag("Refused", "grey"),
        parts="; ".join(c.label for c in look.categories) or "Nothing was shown",
    )


def _agency(look: ListedLook) -> str:
    if look.through is None:
        return look.agency_name
    return f"{look.agency_name}, on its own screens ({look.through})"


def _purpose(code: str) -> str:
    try:
        return Purpose(code).label
    except ValueError:
        return code or "Not stated"


# What parents may be shown: nothing that warns of an enquiry or that a young person keeps.
#
# What could only be understood by such a decision is left out of what is made for them, and nothing
# tells of a gap. This holds whatever has become of the decision since, because that there was one
# is what they are not told.


def some_are_not_for_parents(decisions: Iterable[DecisionSummary]) -> bool:
    """Tell whether parents must not be told of one of these."""
    return any(d.said.circumstances.parents_are_not_told for d in decisions)


def looks_for_parents(
    looks: Iterable[ListedLook], decisions: Sequence[DecisionSummary]
) -> tuple[ListedLook, ...]:
    """Leave out of the looks what a decision that parents are not told of bears on.

    A look keeps the parts that such a decision is not about; without any it is left out. A refusal
    for such a decision's purpose is left out too: it could be that decision which refused.

    No look for safeguarding is listed, whoever asks: to be told of it may warn whom a child needs
    protection from (Data Protection Act 2018, Schedule 3). The page always says so.
    """
    secret = [d for d in decisions if d.said.circumstances.parents_are_not_told]
    open_looks = (look for look in looks if look.purpose != Purpose.SAFEGUARDING)
    shown = (_without(look, secret) for look in open_looks)
    return tuple(look for look in shown if look is not None)


def _without(look: ListedLook, secret: Sequence[DecisionSummary]) -> ListedLook | None:
    bearing = [d for d in secret if look.purpose in d.said.purposes and d.said.known_at <= look.at]
    if not bearing:
        return look
    hidden = {category for d in bearing for category in d.said.categories}
    left = tuple(category for category in look.categories if category not in hidden)
    return replace(look, categories=left) if left else None
