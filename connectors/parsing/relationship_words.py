"""Who somebody is to a child, in the words that schools and surgeries really write.

Only words that say nothing else: "Dad - no contact" is no kind of relationship, and stays at its
source. That somebody has died is read apart. On whose side a relative is says nothing of the kind.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from connectors.parsing.deaths import without_death
from schemas.records.payloads import RelationshipKind

_WORDS: Final = {
    RelationshipKind.MOTHER: "mother mum mam mummy mom mama mammy birthmother biologicalmother "
    "birthmum naturalmother "
    "adoptivemother adoptivemum",
    RelationshipKind.FATHER: "father dad daddy papa birthfather biologicalfather birthdad "
    "naturalfather adoptivefather adoptivedad",
    RelationshipKind.PARENT: "parent adoptiveparent",
    RelationshipKind.STEP_PARENT: "stepmother stepfather stepparent stepmum stepdad stepmam "
    "stepmom",
    RelationshipKind.FOSTER_CARER: "fostercarer fosterparent fostermother fosterfather fostermum "
    "fosterdad",
    RelationshipKind.GRANDPARENT: "grandparent grandmother grandfather grandma grandad granddad "
    "grandpa granny gran grannie nan nana nanna nanny nannan nain taid grandmum gramps "
    "greatgrandmother greatgrandfather greatgrandparent stepgrandmother stepgrandfather",
    RelationshipKind.SIBLING: "sister brother sibling halfsister halfbrother halfsibling "
    "stepsister stepbrother stepsibling eldersister elderbrother oldersister olderbrother",
    RelationshipKind.CARER: "carer guardian legalguardian specialguardian kinshipcarer",
    RelationshipKind.OTHER_RELATIVE: "aunt auntie aunty uncle cousin greataunt greatuncle "
    "relative familymember otherrelative otherfamilymember",
}
_KINDS: Final[Mapping[str, RelationshipKind]] = MappingProxyType(
    {word: kind for kind, words in _WORDS.items() for word in words.split()}
)
_SIDE: Final = re.compile(r"\b(?:maternal|paternal|mother['’]?s side|father['’]?s side)\b")
# Looks after children for money: in England a nanny is as often that as a grandmother.
_EITHER: Final = frozenset({"nanny"})


def kind_in_words(text: str) -> RelationshipKind | None:
    """The kind that these words name and nothing besides; None for any others."""
    folded = text.casefold()
    without_side = _SIDE.sub("", folded)
    word = "".join(letter for letter in without_side if letter.isalpha())
    if word in _EITHER and without_side == folded:
        return None
    return _KINDS.get(word)


class SaidOfRelative(NamedTuple):
    """What words say of a relative: `kind` is None where it cannot be told from them."""

    kind: RelationshipKind | None
    has_died: bool = False


def relative_in_words(text: str) -> SaidOfRelative:
    """Who they are, and whether they have died: "Father (deceased)".

    "Widow of late brother" says that of somebody else, and is neither.
    """
    rest, has_died = without_death(text)
    return SaidOfRelative(kind_in_words(rest if has_died else text), has_died)
