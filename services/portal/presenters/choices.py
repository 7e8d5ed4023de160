"""Radio buttons and checkboxes as the form macros take them."""

from collections.abc import Iterable

from schemas.vocabulary import LabelledCode

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


def tick_box(text: str, *, ticked: bool) -> list[Item]:
    """Make the one item of a question that is answered by ticking it or not."""
    return [{"value": "yes", "text": text, "checked": ticked}]
