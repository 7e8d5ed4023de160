"""Whose a resource is: of all that a bundle holds, only what is said of the person it is about.

What names another Patient, or a RelatedPerson, is theirs; what names somebody who is not in the
bundle is nobody's here. What names nobody belongs to the message, and so to whom it is about.
"""

from collections.abc import Iterator

from connectors.health_visiting.nems.message import MessageEventType, NemsMessage, given_names
from connectors.health_visiting.nems.nodes import Node, child, children, value
from connectors.health_visiting.nems.statuses import caution_of_result

_SUBJECTS = ("subject", "patient")
_PEOPLE = ("Patient", "RelatedPerson")
_NAMED_BY = ("reference", "identifier", "display")
_ENCOUNTERS = ("context", "encounter")


def theirs(message: NemsMessage, kind: str, *, of: Node | None = None) -> Iterator[Node]:
    """The resources of one type that are of the person, or of `of` where several are told of.

    What belongs to another encounter than the one that the message is about is left out.
    """
    focus = message.resolve(_focus(message))
    person = person_of(message, focus) if of is None else of
    for resource in message.of_type(kind):
        if is_of(message, resource, person) and _is_of_encounter(message, resource, focus):
            yield resource


def is_theirs(message: NemsMessage, resource: Node) -> bool:
    """Whether a resource, wherever it stands, is of whom the message is about."""
    return is_of(message, resource, person_of(message, message.resolve(_focus(message))))


def stated(message: NemsMessage, kind: str, *, of: Node | None = None) -> Iterator[Node]:
    """Those of the same that say something, however surely; `caution_of` them has the words.

    What was entered in error, was not done or has a result that is absent says nothing.
    """
    for resource in theirs(message, kind, of=of):
        if caution_of_result(resource, message.day, kind=kind) is not None:
            yield resource


def beside_focus(message: NemsMessage, kind: str) -> Iterator[Node]:
    """Those of the same type as the focus and of its person that a message states besides.

    A deletion takes back only what its header names.
    """
    focus, *others = (message.resolve(one) for one in children(message.header, "focus"))
    is_deletion = message.event_type is MessageEventType.DELETE
    for resource in theirs(message, kind):
        is_named = any(resource is one for one in others)
        if resource is not focus and (is_named or not is_deletion):
            yield resource


def is_of(message: NemsMessage, resource: Node, person: Node | None) -> bool:
    """Whether what this resource says is said of that Patient.

    Who is named by an identifier, or by words alone, has to have the same.
    """
    named = named_in(resource)
    if "focus" in resource and not _is_in_focus(message, resource, person):
        return False
    if named is None:
        return True
    if value(named, "reference"):
        found = message.resolve(named)
        if found is None and person is not None:
            return f"/{value(named, 'reference')}".endswith(f"/Patient/{value(person, 'id')}")
        return found is not None and found is person
    number = value(child(named, "identifier"), "value")
    if number is not None:
        known = {value(one, "value") for one in children(person or {}, "identifier")}
        return number.replace(" ", "") in known
    return _is_called(person or {}, value(named, "display") or "")


def _is_in_focus(message: NemsMessage, resource: Node, person: Node | None) -> bool:
    """Whether an Observation on somebody's record is about them (R4, Observation.focus)."""
    found = [message.resolve(one) for one in children(resource, "focus")]
    people = [one for one in found if any(message.is_of_type(one, kind) for kind in _PEOPLE)]
    return not people or any(one is person for one in people)


def named_in(resource: Node) -> Node | None:
    """The reference to whom a resource is about; where none is given, to who answered."""
    for name in (*_SUBJECTS, "source"):
        reference = child(resource, name)
        if reference is not None and any(child(reference, part) for part in _NAMED_BY):
            return reference
    return None


def _is_called(person: Node, words: str) -> bool:
    said = set(words.casefold().replace(",", " ").split())
    for name in children(person, "name"):
        family, given = value(name, "family"), next(given_names(name), None)
        if family and given and {*family.casefold().split(), *given.casefold().split()} <= said:
            return True
    return False


def person_of(message: NemsMessage, focus: Node | None) -> Node | None:
    """The Patient whom the focus names, or the only one there is where it names none."""
    if message.is_of_type(focus, "Patient"):
        return focus
    named = None if focus is None else named_in(focus)
    if value(named, "reference"):
        return message.resolve(named)
    patients = message.of_type("Patient")
    return patients[0] if len(patients) == 1 else None


def is_same(message: NemsMessage, one: Node | None, other: Node | None) -> bool:
    """Whether two references name one resource of the bundle, or one thing outside it."""
    found = message.resolve(one)
    if found is not None:
        return found is message.resolve(other)
    named = value(one, "reference")
    return named is not None and named == value(other, "reference")


def _focus(message: NemsMessage) -> Node | None:
    return child(message.header, "focus")


def _is_of_encounter(message: NemsMessage, resource: Node, focus: Node | None) -> bool:
    if not message.is_of_type(focus, "Encounter"):
        return True
    contexts = (message.resolve(child(resource, name)) for name in _ENCOUNTERS)
    return all(one is focus for one in contexts if message.is_of_type(one, "Encounter"))
