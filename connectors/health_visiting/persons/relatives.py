"""People around a child, and what their source says of them; only what is true is sent.

Source: Digital Child Health (CareConnect, STU3), personal-contacts-1: household member, parental
responsibility. What is not stated is unknown, which is not no (DOMAIN section 2.1.2).
"""

import re

from connectors.health_visiting.mapped import (
    Mapped,
    focus_key,
    focus_record,
    scopes_of,
    without_others,
)
from connectors.health_visiting.nems.message import NemsMessage, extension
from connectors.health_visiting.nems.nodes import (
    Node,
    children,
    codings_of,
    has_unreadable_period,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import status_by_code
from connectors.health_visiting.nems.whose import is_of, person_of
from connectors.health_visiting.persons.people import (
    Person,
    address_from_element,
    all_telecoms_of,
    display_name,
)
from connectors.health_visiting.persons.subjects import single_person
from connectors.parsing.relationship_words import kind_in_words, relative_in_words
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Relationship, RelationshipKind
from schemas.vocabulary import Category, Label

# Who somebody is to the child, from the codes and words that health systems use.

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
_NOT_THE_CHILDS_OWN = re.compile(
    r"in[- ]law|god|['’]s\b"
    r"|\b(?:of|partner|friend|boyfriend|girlfriend|husband|wife|ex|former|not)\b"
)
_OF_THE_CHILD = re.compile(
    r"\bof (?:the )?(?:subject|child|patient|baby)\b|\b(?:mother|father)['’]s side\b"
)


def relationship_kind(
    concept: Node | None, *, otherwise: RelationshipKind = RelationshipKind.OTHER
) -> RelationshipKind:
    """The kind that a RelatedPerson's relationship states; `otherwise` where it is not known."""
    codings = list(codings_of(concept))
    by_code = (_KIND_OF_CODE.get(coding.code) for coding in codings)
    texts = (*(coding.display for coding in codings), value(concept, "text") or "")
    return next((kind for kind in (*by_code, *map(_kind_in_words, texts)) if kind), otherwise)


def kind_of(related: Node) -> RelationshipKind:
    """Who a RelatedPerson is to the child, by whichever of their relationships says more."""
    stated = (relationship_kind(one) for one in children(related, "relationship"))
    return next(
        (kind for kind in stated if kind is not RelationshipKind.OTHER), RelationshipKind.OTHER
    )


def _is_said_to_have_died(related: Node) -> bool:
    """In the words of a relationship, as nothing in FHIR says it of a relative."""
    stated = children(related, "relationship")
    texts = (text for one in stated for text in (value(one, "text"), words_of(one)))
    return any(relative_in_words(text).has_died for text in texts if text)


def _kind_in_words(text: str) -> RelationshipKind | None:
    words = text.casefold()
    if (kind := kind_in_words(text)) is not None:
        return kind
    if _NOT_THE_CHILDS_OWN.search(_OF_THE_CHILD.sub("", words)):
        return None
    return next((kind for word, kind in _WORDS if word in words), None)


_STATED = {"true": True, "false": False}
_MOST = 20
_CATEGORY = Category.FAMILY_AND_HOUSEHOLD


def personal_contacts_from_message(message: NemsMessage) -> Mapped:
    """A relationship for each RelatedPerson of the message, which should be one."""
    focus = message.focus("Encounter", "RelatedPerson")
    key = focus_key(message, focus)
    person = single_person(message, focus, focus_key=key)
    related = message.of_type("RelatedPerson") or (None,)
    if len(related) > _MOST:
        raise UnreadableMessageError(field="RelatedPerson", reason="too-many")
    whose = person_of(message, focus)
    theirs = [one for one in related if one is None or is_of(message, one, whose)]
    if not theirs:
        raise UnreadableMessageError(field="RelatedPerson.patient", reason="contradicts:Patient")
    records = tuple(
        _record(message, focus, person, one, key=key, number=number)
        for number, one in enumerate(theirs)
    )
    others = without_others(message, focus, key, _CATEGORY, person.subject.ref)
    return Mapped.of_person(message, focus, person, (*records, *others))


def _record(
    message: NemsMessage,
    focus: Node,
    person: Person,
    related: Node | None,
    *,
    key: str,
    number: int,
) -> Record:
    return focus_record(
        message,
        focus,
        source_id=f"{key}/{number}" if number else key,
        category=_CATEGORY,
        subjects=(person.subject.ref,),
        build=lambda: _relationship(related, message.day),
        labels=_labels(related or {}),
        scopes=scopes_of(key, number),
    )


def _labels(related: Node) -> frozenset[Label]:
    """How to reach somebody tells where they are, which is not the child's to give away."""
    reachable = children(related, "telecom") or children(related, "address")
    return frozenset({Label.THIRD_PARTY, Label.LOCATION} if reachable else {Label.THIRD_PARTY})


def _relationship(related: Node | None, day: str) -> Relationship:
    if related is None:
        raise UnreadableMessageError(field="RelatedPerson", reason="missing")
    has_died = _is_said_to_have_died(related)
    responsible = _flag(extension(related, "Extension-DCH-ParentalResponsibility-1"))
    # Where somebody lives who has no responsibility is not the child's business.
    homes = children(related, "address") if responsible else ()
    return Relationship(
        kind=kind_of(related),
        name=display_name(related, day),
        telecoms=tuple(all_telecoms_of(related, day)),
        has_responsibility=responsible,
        same_household=_household_member(related),
        period=period_of(related, "period", field="RelatedPerson.period"),
        addresses=tuple(
            address_from_element(home, field="RelatedPerson.address")
            for home in homes
            if not has_unreadable_period(home)
        ),
        status=FactStatus.ENDED if has_died else status_by_code("RelatedPerson", related),
        has_died=has_died,
    )


def _household_member(related: Node) -> bool | None:
    stated = extension(related, "Extension-DCH-HouseholdMember-1")
    if stated is None:
        return None
    inner = extension(stated, "householdMember")
    return _flag(stated if inner is None else inner)


def _flag(stated: Node | None) -> bool | None:
    return _STATED.get(value(stated, "valueBoolean") or "")
