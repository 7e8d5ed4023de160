"""The NHS numbers that a Patient states: the one in force, and those that it took the place of."""

from collections.abc import Iterator, Sequence

from connectors.health_visiting.nems.message import extension
from connectors.health_visiting.nems.nodes import Node, children, descend, value
from connectors.health_visiting.nems.statuses import ended, in_force
from connectors.parsing import limits
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.vocabulary import IdentifierStatus

PATIENT_NUMBER = "Patient.identifier[nhs-number]"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"

# STU3's, and R4's of UK Core, whose list has the same codes by number and, for England, in words.
_STATUSES = (
    "Extension-CareConnect-NHSNumberVerificationStatus-1",
    "Extension-UKCore-NHSNumberVerificationStatus",
)
_VERIFIED = frozenset({"01", "number-present-and-verified"})


def numbers_stated(patient: Node) -> list[str]:
    """The texts of the NHS numbers that a Patient states, whatever they are."""
    return [value(identifier, "value") or "" for identifier in _stated(patient)]


def verified_numbers(patient: Node) -> Iterator[Identifier]:
    """A Patient's NHS numbers that are theirs as far as is known, also one that was replaced."""
    for identifier in _stated(patient):
        if _traced(identifier):
            number = nhs_number_identifier(value(identifier, "value") or "")
            if number.is_verified:
                yield number


def numbers_of(
    patient: Node, day: str, routed: str | None
) -> tuple[Identifier | None, tuple[Identifier, ...]]:
    """The number in force on that day, and the former ones.

    Of several of which none is said to be in use, or to be old, that by which the message was
    routed is the present one. Raises UnreadableMessageError where it cannot be told.
    """
    stated = _stated(patient)
    present = in_force(stated, day)
    former = [former_number(one) for one in ended(stated, day)]
    numbers = list({n.value: n for n in map(_identifier, reversed(present))}.values())
    if len(numbers) > 1:
        if any(value(one, "use") for one in present):
            raise UnreadableMessageError(field=PATIENT_NUMBER, reason="several-values")
        meant = _routed(numbers, routed)
        former += [former_number(one) for one in present if _identifier(one).value != meant.value]
        numbers = [meant]
    if numbers and len(numbers[0].value) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field=PATIENT_NUMBER, reason="too-long")
    return (numbers[0] if numbers and numbers[0].value else None), tuple(former)


def former_number(identifier: Node) -> Identifier:
    """A number that was replaced by another; one that fails its check was never anybody's."""
    return superseded(_identifier(identifier))


def superseded(number: Identifier) -> Identifier:
    """The same as one that was somebody's until another took its place."""
    if not number.is_verified:
        return number
    return Identifier(number.scheme, number.value, IdentifierStatus.SUPERSEDED)


def states_trace(patient: Node) -> bool:
    """Whether the source says how its number was verified.

    A number that passes its check digit and says nothing more was traced by nobody.
    """
    return any(_status(identifier) is not None for identifier in _stated(patient))


def _stated(patient: Node) -> list[Node]:
    return [i for i in children(patient, "identifier") if value(i, "system") == NHS_NUMBER]


def _identifier(stated: Node) -> Identifier:
    """Verified unless its check digit or its status code says otherwise.

    The status system's URL differs between sources (DOMAIN section 2.4), so only its code is read.
    """
    return nhs_number_identifier(value(stated, "value") or "", verified=_traced(stated))


def _routed(numbers: Sequence[Identifier], routed: str | None) -> Identifier:
    text = None if routed is None else nhs_number_identifier(routed).value
    for number in numbers:
        if number.is_verified and number.value == text:
            return number
    raise UnreadableMessageError(field=PATIENT_NUMBER, reason="several-values")


def _traced(identifier: Node) -> bool:
    status = _status(identifier)
    if status is None:
        return True
    return value(descend(status, "valueCodeableConcept", "coding"), "code") in _VERIFIED


def _status(identifier: Node) -> Node | None:
    found = (extension(identifier, name) for name in _STATUSES)
    return next((one for one in found if one is not None), None)
