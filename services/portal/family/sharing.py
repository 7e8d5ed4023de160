"""What is shared with whom, in words: the matrix, why each cell says what it says, what wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.identifiers import DecisionId
from schemas.vocabulary import SERVICES_HERE, Category, Source
from services.portal.words.dates import uk_day_in_words
from services.profile.families.sharing import Cell, Shared

_SHORT: Mapping[Category, str] = {
    Category.IDENTITY_AND_CONTACT: "Names, birthday, address, telephone",
    Category.FAMILY_AND_HOUSEHOLD: "Who is in the family",
    Category.STORY: "Their story",
    Category.COMMUNICATION_NEEDS: "Language and how to talk with them",
    Category.PRACTITIONERS: "Who works with the family",
    Category.CHILD_HEALTH: "Child health",
    Category.EDUCATION: "School",
    Category.EARLY_HELP: "Early help plan",
    Category.SOCIAL_CARE: "Children’s social care",
    Category.SAFEGUARDING: "Keeping safe",
}
_SERVICES: Mapping[Source, str] = {
    Source.HEALTH_VISITING: "health visiting",
    Source.SCHOOLS: "school",
    Source.SOCIAL_CARE: "social care",
    Source.FAMILY_HUB: "family hub",
    Source.COMMUNITY: "the community",
}
NOT_EVERYBODY = "not everybody who may decide agrees"


@dataclass(frozen=True, slots=True)
class CellLine:
    """One cell: the word, how it is drawn, and the sentence that says why."""

    service: str
    word: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One category, and a cell for each service."""

    category: str
    cells: tuple[CellLine, ...]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The matrix, the one answer above it, what a disagreement does, and which decisions lose.

    `overridden` says of a decision over what a no wins.
    """

    answer: str
    services: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    disagreements: tuple[str, ...]
    overridden: Mapping[DecisionId, str]


def matrix_of(cells: Sequence[Cell], own: Source) -> MatrixView:
    """Write the matrix; `own` is the service of whoever reads it."""
    rows = tuple(
        MatrixRow(_SHORT[category], tuple(_cell(one) for one in cells if one.category is category))
        for category in Category
    )
    differ = dict.fromkeys(c.category for c in cells if c.word is Shared.DISAGREED)
    return MatrixView(
        _answer(cells, own),
        tuple(_SERVICES[service].capitalize() for service in SERVICES_HERE),
        rows,
        tuple(f"{_SHORT[category]} is not shared: {NOT_EVERYBODY}." for category in differ),
        _overridden(cells),
    )


def _answer(cells: Iterable[Cell], own: Source) -> str:
    """What whoever reads it is shown, in one sentence."""
    of_own = [cell for cell in cells if cell.service is own]
    shown = [_SHORT[c.category].lower() for c in of_own if c.permitted]
    if not shown:
        return "Nothing of other services is shared with yours."
    if len(shown) == len(of_own):
        return "Everything on this page is shared with your service."
    return f"Shared with your service: {', '.join(shown)}."


def _cell(cell: Cell) -> CellLine:
    return CellLine(_SERVICES[cell.service], cell.word.label, cell.word.value, _why(cell))


_WHY: Mapping[Shared, str] = {
    Shared.SHARED: "A decision lets {service} see this{of_whom}.{until}",
    Shared.DUTY: "The law says that {service} must be told of this{of_whom}.",
    Shared.OWN: "This is a record of {service} itself, which keeps it.",
    Shared.REFUSED: "The family said no to this.{wins}",
    Shared.DISAGREED: "Not everybody who may decide agrees. A no counts until they do.",
    Shared.WAITING: "Somebody has to confirm it first. Until then nothing is shared.",
    Shared.NOT_SHARED: (
        "As far as you may know, nobody has said yes to this, and it is not shared."
    ),
}


def _why(cell: Cell) -> str:
    return _WHY[cell.word].format(
        service=_SERVICES[cell.service],
        of_whom=_of_whom(cell),
        until=f" Until {uk_day_in_words(cell.until)}." if cell.until else "",
        wins=" The no wins over the yes." if cell.overridden else "",
    )


def _of_whom(cell: Cell) -> str:
    """Whose records, where not those of every service."""
    others = cell.permitted - {cell.service}
    if not others or len(cell.permitted) == len(Source):
        return ""
    return f", as {_listed(_SERVICES[one] for one in Source if one in others)} holds it"


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    return " and ".join(filter(None, (", ".join(found[:-1]), found[-1])))


def _overridden(cells: Iterable[Cell]) -> Mapping[DecisionId, str]:
    over: dict[DecisionId, dict[str, list[str]]] = {}
    for cell in cells:
        for decision in cell.overridden:
            services = over.setdefault(decision, {}).setdefault(_SHORT[cell.category], [])
            services.append(_SERVICES[cell.service])
    return {
        decision: "; ".join(f"{what} ({_listed(who)})" for what, who in found.items())
        for decision, found in over.items()
    }
