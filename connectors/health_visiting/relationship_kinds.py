"""Who somebody is to the child, from the codes and words that health systems use."""

from connectors.health_visiting.elements import codings_of, value
from connectors.health_visiting.nodes import Node
from schemas.records.payloads import RelationshipKind

# HL7 v3 RoleCode, PersonalRelationshipRoleType. "12" stands in the NHS's own example where its
# page says NMTH (DOMAIN section 2.4).
_BY_CODE = {
    RelationshipKind.MOTHER: "NMTH MTH 12",
    RelationshipKind.FATHER: "NFTH FTH",
    RelationshipKind.PARENT: "PRN NPRN ADOPTP ADOPTM ADOPTF",
    RelationshipKind.STEP_PARENT: "STPPRN STPMTH STPFTH",
    RelationshipKind.FOSTER_CARER: "PRNFOST MTHFOST FTHFOST",
    RelationshipKind.GRANDPARENT: "GRPRN GRMTH GRFTH MGRPRN MGRMTH MGRFTH PGRPRN PGRMTH PGRFTH",
    RelationshipKind.SIBLING: "SIB BRO SIS NBRO NSIS NSIB HBRO HSIS HSIB STPBRO STPSIS STPSIB",
    RelationshipKind.OTHER_RELATIVE: "AUNT UNCLE COUSN MAUNT MUNCLE PAUNT PUNCLE EXT FAMMEMB",
}
_KIND_OF_CODE = {code: kind for kind, codes in _BY_CODE.items() for code in codes.split()}
# The first that fits: a grandmother is no mother, a foster mother is a foster carer.
_WORDS = (
    ("grand", RelationshipKind.GRANDPARENT),
    ("foster", RelationshipKind.FOSTER_CARER),
    ("step", RelationshipKind.STEP_PARENT),
    ("mother", RelationshipKind.MOTHER),
    ("father", RelationshipKind.FATHER),
    ("parent", RelationshipKind.PARENT),
    ("brother", RelationshipKind.SIBLING),
    ("sister", RelationshipKind.SIBLING),
    ("sibling", RelationshipKind.SIBLING),
    ("carer", RelationshipKind.CARER),
    ("guardian", RelationshipKind.CARER),
    ("aunt", RelationshipKind.OTHER_RELATIVE),
    ("uncle", RelationshipKind.OTHER_RELATIVE),
    ("cousin", RelationshipKind.OTHER_RELATIVE),
    ("relative", RelationshipKind.OTHER_RELATIVE),
)
_NOT_THE_CHILDS_OWN = ("in-law", "in law", "god")


def relationship_kind(
    concept: Node | None, *, otherwise: RelationshipKind = RelationshipKind.OTHER
) -> RelationshipKind:
    """The kind that a RelatedPerson's relationship states; `otherwise` where it is not known."""
    codings = list(codings_of(concept))
    by_code = (_KIND_OF_CODE.get(coding.code) for coding in codings)
    texts = (*(coding.display for coding in codings), value(concept, "text") or "")
    return next((kind for kind in (*by_code, *map(_kind_in_words, texts)) if kind), otherwise)


def _kind_in_words(text: str) -> RelationshipKind | None:
    words = text.casefold()
    if any(part in words for part in _NOT_THE_CHILDS_OWN):
        return None
    return next((kind for word, kind in _WORDS if word in words), None)
