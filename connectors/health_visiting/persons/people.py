"""A person of a message: what their Patient says of them, and the records about nobody else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.health_visiting.nems.message import NemsMessage, extension, given_names
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    date_time,
    descend,
    has_unreadable_period,
    own_value,
    period_of,
    value,
    words_of,
)
from connectors.health_visiting.nems.statuses import ended, in_force, status_of, to_come
from connectors.health_visiting.persons.deaths import DeathStated, death_stated
from connectors.health_visiting.persons.numbers import numbers_of, states_trace
from connectors.parsing.demographics import is_placeholder_name, postcode_as_compared
from schemas.identifiers import Identifier
from schemas.records.message import BirthDoubt, Demographics, Record, Subject
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    ContactDetails,
    FactStatus,
    Period,
    PersonDetails,
    Telecom,
)
from schemas.uk_time import uk_day
from schemas.vocabulary import Action, Category, Label

# What a Patient element says, read once.

_NAME_USES = ("official", "usual", None, "temp")
_KNOWN_AS = "nickname"
_POSTAL = "postal"
_NOT_TOLD = "anonymous"
_TELECOM_SYSTEMS = frozenset({"phone", "sms", "email"})
_COMMUNICATIONS = ("Extension-CareConnect-NHSCommunication-1", "Extension-UKCore-NHSCommunication")
_DAY = len("YYYY-MM-DD")
_MIDNIGHT = "T00:00:00"
_MULTIPLE_BIRTH_ORDERS = frozenset("1234567")


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """A person's name in use, what they are known as, and what they were called before.

    `text` is the name in one piece, where its source does not say which part of it is which.
    """

    family: str | None = None
    given: tuple[str, ...] = ()
    known_as: str | None = None
    placeholder: bool = False
    former: tuple[str, ...] = ()
    text: str | None = None

    @property
    def spoken(self) -> str | None:
        """The name as people say it: given names, then family name; or in one piece."""
        return self.text or " ".join((*self.given, self.family or "")).strip() or None

    @property
    def called(self) -> str | None:
        """What they are known as; of a name in one piece, that part which nothing else says."""
        if self.known_as is not None or self.text is None:
            return self.known_as
        family = {word.casefold() for word in (self.family or "").split()}
        rest = (word for word in self.text.split() if word.casefold() not in family)
        return " ".join(rest) or None if not self.given else None


@dataclass(frozen=True, slots=True, repr=False)
class PatientFacts:
    """What one Patient element states, and the element for what only some events need."""

    element: Node
    number: Identifier | None
    former_numbers: tuple[Identifier, ...]
    name: Name
    born: str | None
    sex: str | None
    death: DeathStated | None
    birth_order: int | None
    addresses: tuple[Address, ...]
    telecoms: tuple[Telecom, ...]
    communication: CommunicationNeeds | None
    is_traced: bool
    postcode: str | None


def patient_facts(patient: Node, day: str, *, routed: str | None = None) -> PatientFacts:
    """Read a Patient as on that day; `routed` is the NHS number in the header.

    Raises UnreadableMessageError for ill-formed or contradictory statements.
    """
    born = _born(patient)
    number, former_numbers = numbers_of(patient, day, routed)
    addresses = tuple(
        address_from_element(address, field="Patient.address")
        for address in children(patient, "address")
        if not has_unreadable_period(address)
    )
    is_in_use = status_of("Patient", patient, day) is FactStatus.HOLDS
    return PatientFacts(
        element=patient,
        number=number,
        former_numbers=former_numbers,
        name=name_from_elements(children(patient, "name"), day),
        born=born,
        sex=value(patient, "gender"),
        death=death_stated(patient, born),
        birth_order=_birth_order(value(patient, "multipleBirthInteger")),
        addresses=addresses,
        telecoms=tuple(all_telecoms_of(patient, day)),
        communication=_communication(patient),
        is_traced=number is not None and number.is_verified and states_trace(patient) and is_in_use,
        postcode=_postcode_of_home(addresses, day),
    )


def _born(patient: Node) -> str | None:
    """The day of birth; of one with a time, which FHIR does not allow, the day in this country.

    A midnight is that of the day as it is written, wherever the clock stood.
    """
    born = date_time(patient, "birthDate", field="Patient.birthDate")
    if born is None or len(born) <= _DAY or _MIDNIGHT in born:
        return None if born is None else born[:_DAY]
    return uk_day(datetime.fromisoformat(born)).isoformat()


def _postcode_of_home(addresses: Iterable[Address], day: str) -> str | None:
    """The postcode of the present home, as it is compared."""
    homes = (one for one in addresses if one.use == "home" and one.period.covers(day))
    home = next(homes, None)
    return None if home is None else postcode_as_compared(home.postcode)


def name_from_elements(names: Sequence[Node], day: str) -> Name:
    """The name in use on that day among HumanName elements, and those that are so no longer.

    Official before usual before temporary; of several the one that began last.
    """
    if len(names) == 1 and "period" not in names[0] and value(names[0], "use") in _NAME_USES:
        return _name(names[0])  # as mostly: it comes to the same, in a third of the time
    told = [name for name in names if value(name, "use") != _NOT_TOLD]
    present = in_force(told, day)
    nicknames = (name for name in present if value(name, "use") == _KNOWN_AS)
    known_as = next((_in_one_piece(name) for name in nicknames), None)
    in_use = [name for name in present if value(name, "use") != _KNOWN_AS]
    in_use.sort(key=lambda name: value(child(name, "period"), "start") or "", reverse=True)
    in_use.sort(key=_place_of_use)
    current = _name(in_use[0]) if in_use else Name()
    former = [_name(name).spoken for name in ended(told, day) if value(name, "use") != _KNOWN_AS]
    return replace(
        current,
        known_as=known_as,
        former=tuple(dict.fromkeys(f for f in former if f and f != current.spoken)),
    )


def _name(element: Node) -> Name:
    family, given = value(element, "family"), tuple(given_names(element))
    text = None if family and given else value(element, "text")
    placeholder = value(element, "use") == "temp" or is_placeholder_name(family=family, given=given)
    if text is not None and not placeholder:
        *first, last = text.split()
        placeholder = is_placeholder_name(family=last, given=first) or is_placeholder_name(
            family=None, given=text.split()
        )
    return Name(family, given, placeholder=placeholder, text=text)


def _in_one_piece(nickname: Node) -> str | None:
    return " ".join(given_names(nickname)) or value(nickname, "text")


def _place_of_use(name: Node) -> int:
    """The order in which names are taken; a use that is on no list comes last."""
    use = value(name, "use")
    return _NAME_USES.index(use) if use in _NAME_USES else len(_NAME_USES)


def display_name(practitioner: Node | None, day: str) -> str | None:
    """The name of a Practitioner on that day, as people say it."""
    if practitioner is None:
        return None
    return name_from_elements(children(practitioner, "name"), day).spoken


def telephone_of(resource: Node | None, day: str) -> str | None:
    """The telephone number of a resource that is used first on that day."""
    for telecom in telecoms_of(resource or {}, day):
        if telecom.system == "phone" and telecom.period.covers(day):
            return telecom.value
    return None


def telecoms_of(resource: Node, day: str) -> Iterator[Telecom]:
    """The telephone numbers and e-mail addresses of a resource that are, or will be, in use.

    As they are ranked; with the time for which they are, so that what ends later can be left out.
    """
    stated = children(resource, "telecom")
    if stated:
        yield from _telecoms([*in_force(stated, day), *to_come(stated, day)])


def all_telecoms_of(resource: Node, day: str) -> Iterator[Telecom]:
    """The same, then those that are in use no longer: somebody else may not know of that yet."""
    yield from telecoms_of(resource, day)
    for former in ended(children(resource, "telecom"), day):
        is_undated = value(child(former, "period"), "end") is None
        yield from (replace(one, is_former=is_undated) for one in _telecoms([former]))


def _telecoms(stated: Iterable[Node]) -> Iterator[Telecom]:
    for telecom in stated:
        system, number = value(telecom, "system"), value(telecom, "value")
        period = child(telecom, "period")
        if system in _TELECOM_SYSTEMS and number is not None:
            yield Telecom(system, number, Period(value(period, "start"), value(period, "end")))


def _birth_order(order: str | None) -> int | None:
    return int(order) if order in _MULTIPLE_BIRTH_ORDERS else None


def address_from_element(address: Node, *, field: str) -> Address:
    """An Address element; raises UnreadableMessageError naming `field` for a bad period."""
    lines = [own_value(line) for line in children(address, "line")]
    lines += [value(address, "city"), value(address, "district")]
    postcode = postcode_as_compared(value(address, "postalCode"))
    use = value(address, "use") or "home"
    if use == "home" and value(address, "type") == _POSTAL:
        use = _POSTAL  # where letters go, which is nobody's home
    if not any(lines):
        lines = [line.strip() for line in (value(address, "text") or "").splitlines()]
    return Address(
        lines=tuple(line for line in lines if line),
        postcode=postcode,
        period=period_of(address, "period", field=f"{field}.period"),
        use=use,
    )


def _communication(patient: Node) -> CommunicationNeeds | None:
    languages = [words_of(child(c, "language")) for c in children(patient, "communication")]
    interpreter = None
    found = (extension(patient, name) for name in _COMMUNICATIONS)
    for stated in (one for one in found if one is not None):
        language = descend(extension(stated, "language"), "valueCodeableConcept")
        languages.append(words_of(language))
        interpreter = value(extension(stated, "interpreterRequired"), "valueBoolean")
    spoken = tuple(language for language in languages if language)
    if not spoken and interpreter is None:
        return None
    needed = {"true": True, "false": False}.get(interpreter or "")
    return CommunicationNeeds(languages=spoken, interpreter_needed=needed)


_LOCATION = frozenset({Label.LOCATION})


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """One person: the subject, the key of their own records, and the Patient when one was sent.

    `others` are whom a removal may mean besides, where its message contradicts itself; `doubt` is
    what contradicts itself in one that states something. Where that is the date of birth, none is
    told, whether or not anybody has to decide on it.
    """

    subject: Subject
    key: str
    facts: PatientFacts | None
    others: tuple[Subject, ...] = ()
    doubt: BirthDoubt | None = None
    is_birth_contradicted: bool = False


def person_from_facts(
    message: NemsMessage,
    facts: PatientFacts,
    *,
    ref: str,
    number: Identifier | None,
    birth: str | None,
    otherwise: str,
) -> Person:
    """A person as the Patient states them; `birth` stands in where the Patient has no birth date.

    `otherwise` keys the records of somebody without a verified NHS number.
    """
    subject = Subject(
        ref=ref,
        identifiers=tuple(n for n in (number, *facts.former_numbers) if n is not None),
        demographics=Demographics(
            family_name=facts.name.family,
            given_names=facts.name.given,
            date_of_birth=facts.born or birth,
            postcode=facts.postcode,
            placeholder_name=facts.name.placeholder,
        ),
    )
    return Person(subject, person_key(message, number, otherwise=otherwise), facts)


def person_key(message: NemsMessage, number: Identifier | None, *, otherwise: str) -> str:
    """What a person's own records are keyed by: publisher and verified NHS number.

    An unverified number may be somebody else's: it must not overwrite that person's records.
    """
    if number is None or not number.is_verified:
        return otherwise
    return f"patient/{message.publisher}/{number.value}"


def person_records(person: Person) -> Iterator[Record]:
    """What the message says about the person: details, death, contact, communication needs.

    Details without the date that is in doubt would take the place of those with it.
    """
    facts, subjects = person.facts, (person.subject.ref,)
    if facts is None:
        return
    identity = Category.IDENTITY_AND_CONTACT
    details = _details(facts, person.subject.demographics)
    if not person.is_birth_contradicted:
        yield Record(f"{person.key}/details", identity, subjects, details)
    if facts.death is not None:
        yield death_record(person, facts.death.said)
    # Also where all of it is over: what was said before must not stand for it.
    if any(children(facts.element, name) for name in ("address", "telecom")):
        contact = ContactDetails(facts.addresses, facts.telecoms)
        yield Record(f"{person.key}/contact", identity, subjects, contact, labels=_LOCATION)
    if facts.communication is not None:
        yield Record(
            f"{person.key}/communication",
            Category.COMMUNICATION_NEEDS,
            subjects,
            facts.communication,
        )


def death_record(person: Person, said: PersonDetails | None, *, signalled: bool = False) -> Record:
    """What is said of the person's death, or None for that it is taken back.

    Its record is apart from the person's other details, so that no later message about something
    else, which says nothing of it, can blank it. What only a signal tells, without a date, is apart
    from that again (`register.signals`).
    """
    return death_of(person.key, person.subject.ref, said, signalled=signalled)


def death_of(key: str, ref: str, said: PersonDetails | None, *, signalled: bool) -> Record:
    """The same of a person by the key of their own records."""
    action = Action.REMOVE if said is None else Action.UPSERT
    source_id = f"{key}/death/signalled" if signalled else f"{key}/death"
    return Record(source_id, Category.IDENTITY_AND_CONTACT, (ref,), said, action)


def _details(facts: PatientFacts, demographics: Demographics) -> PersonDetails:
    return PersonDetails(
        family_name=facts.name.family,
        given_names=facts.name.given,
        known_as=facts.name.called,
        date_of_birth=demographics.date_of_birth,
        sex=facts.sex,
        multiple_birth_order=facts.birth_order,
        placeholder_name=facts.name.placeholder,
        former_names=facts.name.former,
        is_verified=facts.is_traced,
    )
