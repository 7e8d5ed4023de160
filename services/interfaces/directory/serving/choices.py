"""What one chooses from on the form: the same for everybody, so written once and not each time."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from services.interfaces.directory.entries.needs import LANGUAGES, Need, PlaceAccess
from services.interfaces.directory.serving.form import DAYS, DISTANCES, FREE, NOT_THERE
from services.portal.frame.forms import FormErrors, Submitted

_LISTS: Final[Mapping[str, tuple[str, str | None, Sequence[tuple[str, str]]]]] = {
    "need": ("Help with", "Anything", [(one.value, one.label) for one in Need]),
    "within": ("Within", None, list(DISTANCES.items())),
    "day": ("Day", "Any day", [(str(number), day) for number, day in enumerate(DAYS)]),
    "language": ("Language", "Any", list(LANGUAGES.items())),
}
_USUAL: Final = {"within": "2"}
_BOXES: Final = (
    *((one.value, one.label) for one in PlaceAccess),
    (FREE, "free"),
    (NOT_THERE, "at home or online"),
)


class WrittenChoices:
    """Every list with each of its lines chosen, and every box both ways."""

    def __init__(self, environment: Environment) -> None:
        module: Any = environment.get_template("choices.html").module
        self._module = module
        self._lists = {
            (name, value): self._list(name, value, None)
            for name, (_, _, among) in _LISTS.items()
            for value in ("", *(value for value, _ in among))
        }
        self._boxes: dict[tuple[str, bool], Markup] = {
            (value, is_chosen): Markup(module.box(value, label, is_chosen))  # noqa: S704
            for value, label in _BOXES
            for is_chosen in (False, True)
        }

    def select(self, name: str, form: Submitted, errors: FormErrors) -> Markup:
        """A list, with what was chosen of it and what is wrong with that."""
        chosen, error = form.text(name) or _USUAL.get(name, ""), errors.of(name)
        if error is not None:
            return self._list(name, chosen, error)
        return self._lists.get((name, chosen)) or self._lists[name, ""]

    def boxes(self, form: Submitted) -> list[Markup]:
        """What it must be, ticked as it was."""
        ticked = form.chosen("must")
        return [self._boxes[value, value in ticked] for value, _ in _BOXES]

    def _list(self, name: str, chosen: str, error: Mapping[str, str] | None) -> Markup:
        label, nothing, among = _LISTS[name]
        made = self._module.select(name, label, among, nothing, chosen, error)
        return Markup(made)  # noqa: S704 of a template that escapes
