"""Who decided, as pages ask for it: chosen from who is named, or told in words and typed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from consent.ledger.fields import OPAQUE_ID
from consent.model import DeciderKind
from schemas.vocabulary import LabelledCode
from services.people.deciders.naming import NamedChoice
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.words.cards import Item, choices_of

WHO_DECIDED, WHO_OBJECTS = "Select who decided", "Select who objects"


class DecidedBy(LabelledCode):
    """Who decided, in words that tell deciders about one child apart and name nobody."""

    MOTHER = "mother", "Mother, who has parental responsibility"
    FATHER = "father", "Father, who has parental responsibility"
    OTHER_PARENT = "other-parent", "Somebody else who has parental responsibility"
    YOUNG_PERSON = "young-person", "The young person, judged competent to decide this"
    ADULT_SELF = "adult-self", "An adult, for themselves"
    PRACTITIONER = "practitioner", "I decided this as a practitioner, on a statutory basis"

    @property
    def kind(self) -> DeciderKind:
        """In what capacity they decided."""
        match self:
            case DecidedBy.MOTHER | DecidedBy.FATHER | DecidedBy.OTHER_PARENT:
                return DeciderKind.PARENT
            case DecidedBy.YOUNG_PERSON:
                return DeciderKind.YOUNG_PERSON
            case DecidedBy.ADULT_SELF:
                return DeciderKind.ADULT_SELF
            case DecidedBy.PRACTITIONER:
                return DeciderKind.PRACTITIONER
            case _:
                assert_never(self)


OF_THE_FAMILY = tuple(who for who in DecidedBy if who is not DecidedBy.PRACTITIONER)
"""Who may object: a practitioner who does not want to share ends what they decided."""


# Reading of what was chosen or typed.


@dataclass(frozen=True, slots=True, repr=False)
class WhoDecided:
    """Who it was: by a word and perhaps a name, or by the reference of somebody on the list."""

    kind: DeciderKind
    reference: str
    name: str | None = None
    is_chosen: bool = False


def read_who(
    submitted: Submitted,
    errors: FormErrors,
    message: str,
    offered: Iterable[DecidedBy] = DecidedBy,
) -> WhoDecided | None:
    """Read who it was; otherwise note the message and give None.

    Whether a reference is on the list of whoever sends it is asked where it is recorded: what
    looks like none is refused here, what is none is refused there, in the same words.
    """
    said = submitted.text("decided-by")
    if re.fullmatch(OPAQUE_ID, said):
        return WhoDecided(DeciderKind.PARENT, said, is_chosen=True)
    who = next((one for one in offered if one.value == said), None)
    if who is None:
        errors.add("decided-by", message)
        return None
    is_parent = who.kind is DeciderKind.PARENT
    name = submitted.text("decider-name") if is_parent else ""
    return WhoDecided(who.kind, who.value, name or None)


# What is offered.

# Of the words that stand for a parent one is left beside the names: for whoever is not among them.
_TYPED_INSTEAD = frozenset({DecidedBy.MOTHER, DecidedBy.FATHER})
_NAMED_BY_OTHERS = "Services other than yours have told us who may decide."
_NOBODY_IS_NAMED = (
    "No service other than yours has told us who has parental responsibility. Type the name below; "
    "what lets more be shared waits until somebody else confirms it."
)
_MANAGER = "Decides for the authority that looks after the child"


@dataclass(frozen=True, slots=True, repr=False)
class DeciderChoices:
    """The items of the question, those ticked that were ticked before; a name is asked below."""

    items: list[Item]
    hint: str = ""
    is_listed: bool = False


def decider_choices(
    form: Submitted,
    listed: Sequence[NamedChoice] | None,
    offered: Iterable[DecidedBy] = DecidedBy,
) -> DeciderChoices:
    """Make the items from who is on the list; None is for who has no list, and tells nothing."""
    chosen = form.chosen("decided-by")
    if not listed:
        hint = "" if listed is None else _NOBODY_IS_NAMED
        return DeciderChoices(choices_of(offered, chosen), hint)
    named = [_item(one, chosen) for one in listed]
    others = choices_of((who for who in offered if who not in _TYPED_INSTEAD), chosen)
    return DeciderChoices([*named, {"divider": "or"}, *others], _NAMED_BY_OTHERS, is_listed=True)


def _item(one: NamedChoice, chosen: Sequence[str]) -> Item:
    item: Item = {"value": one.reference, "text": one.name, "checked": one.reference in chosen}
    return item | {"hint": {"text": _MANAGER}} if one.is_manager else item
