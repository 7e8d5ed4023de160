"""Who decided, as pages ask for it: chosen from who is named, or told in words and typed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.ledger.fields import OPAQUE_ID
from consent.model import SAYS_NO_ONLY, DeciderKind
from schemas.vocabulary import LabelledCode
from services.people.deciders.naming import NamedChoice
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.words.cards import Item, choices_of

WHO_DECIDED, WHO_OBJECTS = "Select who decided", "Select who objects"
WHO_TAKES_BACK = "Select who takes it back"


class DecidedBy(LabelledCode):
    """Who decided, in words that tell deciders about one child apart and name nobody."""

    MOTHER = "mother", "Mother, who has parental responsibility"
    FATHER = "father", "Father, who has parental responsibility"
    OTHER_PARENT = "other-parent", "Somebody else who has parental responsibility"
    YOUNG_PERSON = "young-person", "The young person, judged competent to decide this"
    ADULT_SELF = "adult-self", "An adult, for themselves"
    PRACTITIONER = "practitioner", "I decided this as a practitioner, on a statutory basis"
    THEMSELVES = "themselves", "The person it is about"
    COURT = "court", "A court"
    SOMEBODY_ELSE = "other", "Somebody else"
    NOT_SAID = "not-said", "They did not say who they are, or it is not known"

    @property
    def kind(self) -> DeciderKind:
        """In what capacity they decided."""
        return _KINDS[self]


_KINDS = {
    DecidedBy.MOTHER: DeciderKind.PARENT,
    DecidedBy.FATHER: DeciderKind.PARENT,
    DecidedBy.OTHER_PARENT: DeciderKind.PARENT,
    DecidedBy.YOUNG_PERSON: DeciderKind.YOUNG_PERSON,
    DecidedBy.ADULT_SELF: DeciderKind.ADULT_SELF,
    DecidedBy.PRACTITIONER: DeciderKind.PRACTITIONER,
    DecidedBy.THEMSELVES: DeciderKind.PERSON,
    DecidedBy.COURT: DeciderKind.COURT,
    DecidedBy.SOMEBODY_ELSE: DeciderKind.OTHER,
    DecidedBy.NOT_SAID: DeciderKind.NOT_SAID,
}
_BRINGS_A_NO = (DecidedBy.COURT, DecidedBy.SOMEBODY_ELSE, DecidedBy.NOT_SAID)
_DECIDES = (*(who for who in DecidedBy if who.kind not in SAYS_NO_ONLY), *_BRINGS_A_NO)
_PARENTS = (DecidedBy.MOTHER, DecidedBy.FATHER, DecidedBy.OTHER_PARENT)
OF_THE_FAMILY = tuple(who for who in _DECIDES if who is not DecidedBy.PRACTITIONER)
"""Who is asked, and whose no is taken. A practitioner who does not share ends what they decided."""
TAKES_BACK = (DecidedBy.THEMSELVES, *_PARENTS, *_BRINGS_A_NO)
"""Who may have taken something back: nobody has to be judged able to."""


def can_only_say_no(decided_by: str) -> bool:
    """Whether this answer is of somebody who agrees for nobody."""
    return any(who.value == decided_by and who.kind in SAYS_NO_ONLY for who in DecidedBy)


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
    offered: Iterable[DecidedBy] = _DECIDES,
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
_A_NO_ONLY = "For a no, and not for a yes"
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
    offered: Iterable[DecidedBy] = _DECIDES,
) -> DeciderChoices:
    """Make the items from who is on the list; None is for who has no list, and tells nothing."""
    chosen = form.chosen("decided-by")
    if not listed:
        hint = "" if listed is None else _NOBODY_IS_NAMED
        return DeciderChoices(_others(offered, chosen), hint)
    named = [_item(one, chosen) for one in listed]
    others = _others((who for who in offered if who not in _TYPED_INSTEAD), chosen)
    return DeciderChoices([*named, {"divider": "or"}, *others], _NAMED_BY_OTHERS, is_listed=True)


def _others(offered: Iterable[DecidedBy], chosen: Sequence[str]) -> list[Item]:
    """Who is told in words; who brings a no comes last, apart from who may agree."""
    told = list(offered)
    may_agree = choices_of((who for who in told if who not in _BRINGS_A_NO), chosen)
    brings_a_no = choices_of((who for who in told if who in _BRINGS_A_NO), chosen)
    if not may_agree or not brings_a_no:
        return [*may_agree, *brings_a_no]
    is_asked_to_agree = any(who not in TAKES_BACK for who in told)
    hint: Item = {"hint": {"text": _A_NO_ONLY}} if is_asked_to_agree else {}
    return [*may_agree, {"divider": "or"}, *(item | hint for item in brings_a_no)]


def _item(one: NamedChoice, chosen: Sequence[str]) -> Item:
    item: Item = {"value": one.reference, "text": one.name, "checked": one.reference in chosen}
    return item | {"hint": {"text": _MANAGER}} if one.is_manager else item
