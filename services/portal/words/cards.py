"""What cards and forms are made of: headings, tags, rows of facts with sources; items to choose."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from schemas.vocabulary import LabelledCode
from services.portal.words.dates import day_in_words
from services.profile.merging.claims import Provenance

NOT_GIVEN = "in anything that is shared with you"
"""True whether or not something more is recorded that is not shown (DESIGN.md section 4)."""

Said = tuple[str, str]
"""A text, and who says so and when."""


class SaidBySources(Protocol):
    """Anything that one source says, and that others may say also."""

    @property
    def provenance(self) -> Provenance:
        """The statement for which it stands where it does."""

    @property
    def also(self) -> tuple[Provenance, ...]:
        """The other sources that say the same."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words on a coloured ground; `colour` is a colour of the tag component."""

    text: str
    colour: str


SHARED_UNDER_DUTY = Tag("Shared under a legal duty", "purple")
DEATH_REPORTED = Tag("A death is reported: check before contact", "red")
COULD_NOT_BE_READ = Tag("Something urgent could not be read", "red")
ADDRESS_PROTECTED = Tag("Protected address: tell nobody", "red")


@dataclass(frozen=True, slots=True, repr=False)
class Fact:
    """One thing that is so, as somebody says; `note` says who and when, `href` where to go."""

    text: str
    note: str = ""
    href: str | None = None
    is_absent: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A label and everything that is said about it, side by side; `past` is what was so before."""

    label: str
    facts: tuple[Fact, ...]
    sources_differ: bool = False
    past: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """A heading, tags beside it, rows under it, and links to what can be done."""

    heading: str
    rows: tuple[Row, ...]
    tags: tuple[Tag, ...] = ()
    actions: tuple[Fact, ...] = ()


IN_DOUBT = "The source’s own dates of birth for this person contradict each other"


def said_by(provenance: Provenance) -> str:
    """Say which source a fact is from and as of when, and where that is in doubt."""
    said = f"{provenance.source.label}, {day_in_words(provenance.as_of)}"
    return f"{said}. {IN_DOUBT}" if provenance.is_in_doubt else said


def said_in(text: str, claim: SaidBySources, *, is_verified: bool = False) -> Iterable[Said]:
    """Write a claim once for each source that makes it; what was checked, as that."""
    yield text, said_by(claim.provenance) + (", verified" if is_verified else "")
    for provenance in claim.also:
        yield text, said_by(provenance)


def absent(text: str) -> Fact:
    """Say in words that something is not there."""
    return Fact(text, is_absent=True)


def claims_row(label: str, claims: Iterable[Said], otherwise: str) -> Row:
    """Make a row of what sources claim, marked where they differ; in words if none claims."""
    facts = side_by_side(claims)
    return Row(label, facts or (absent(otherwise),), sources_differ=len(facts) > 1)


def side_by_side(claims: Iterable[Said]) -> tuple[Fact, ...]:
    """Put claims beside each other; sources that say the same share one fact."""
    sources: dict[str, list[str]] = {}
    for text, note in claims:
        notes = sources.setdefault(text, [])
        if note not in notes:
            notes.append(note)
    return tuple(Fact(text, "; ".join(notes)) for text, notes in sources.items())


# Radio buttons and checkboxes as the form macros take them.

Item = dict[str, object]


def choices_of(codes: Iterable[LabelledCode], chosen: Iterable[str]) -> list[Item]:
    """Make one item a code, with those ticked that were ticked before."""
    ticked = frozenset(chosen)
    return [{"value": c.value, "text": c.label, "checked": c.value in ticked} for c in codes]


def with_all(items: list[Item], value: str, text: str, chosen: Iterable[str]) -> list[Item]:
    """Add, after an "or", one item that stands for all of them and unticks the others."""
    everything: Item = {
        "value": value,
        "text": text,
        "behaviour": "exclusive",
        "checked": value in frozenset(chosen),
    }
    return [*items, {"divider": "or"}, everything]


def options_of(choices: Iterable[tuple[str, str]], chosen: str, nothing: str) -> list[Item]:
    """Make the options of a list to select from, of value and text; first that it is nothing."""
    return [
        {"value": value, "text": text, "selected": value == chosen}
        for value, text in [("", nothing), *choices]
    ]


def as_options(items: Iterable[Item], nothing: str) -> list[Item]:
    """Make of a question's items a list to select from, which takes one line of a telephone."""
    chosen = [item for item in items if "value" in item]
    return [
        {"value": "", "text": nothing},
        *({"value": i["value"], "text": i["text"], "selected": i["checked"]} for i in chosen),
    ]


def tick_box(text: str, *, ticked: bool) -> list[Item]:
    """Make the one item of a question that is answered by ticking it or not."""
    return [{"value": "yes", "text": text, "checked": ticked}]
