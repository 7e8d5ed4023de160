"""What is told of somebody before all else: name, birth and death, shared or by one's own feeds.

As the name is told so is a death: who may not see the one is not told the other. And when the
practitioner looked at the family before.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.identifiers import PersonId
from schemas.records.payloads import RelationshipKind
from schemas.records.published import PublishedRecord
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Purpose, Source
from services.people.linking.ports import Usable
from services.people.own_cases.opening import OwnOpening, own_deaths, own_labels
from services.people.own_cases.postgres_labels import OwnLabel
from services.people.practitioners.people import Directory, SignedInPractitioner
from services.profile.merging import sections
from services.profile.merging.claims import Provenance, Statement
from services.profile.merging.deaths import DeathView, death_of
from services.profile.merging.family import relations_to
from services.profile.merging.people import people
from services.profile.model import PersonView, PractitionerView, Profile, ProfileRefused
from services.profile.opening import view_family
from services.profile.ports import EarlierLooks, StoredRecord
from services.profile.reading import Reading, entries_for, read_profile
from services.profile.viewing import Opening, Viewing, reading_order


@dataclass(frozen=True, slots=True, repr=False)
class BeforeContact:
    """What stands above every page of a record: who it is, when born, and whether they have died.

    Each is None where the practitioner may not know it; `expected` is the day on which a child not
    born yet is. `workers` are those who work with them, as far as the practitioner may know.
    """

    name: str | None = None
    date_of_birth: str | None = None
    death: DeathView | None = None
    expected: str | None = None
    workers: tuple[PractitionerView, ...] = ()


WorkersOf = Callable[[Collection[str], Collection[str]], Directory]
"""These workers, by their agencies' own ids, and these agencies' telephones."""


def before_contact(
    who: SignedInPractitioner,
    person: PersonId,
    *,
    opening: Opening,
    own: OwnOpening,
    directory: WorkersOf | None = None,
) -> BeforeContact:
    """What the practitioner may know of the person: shared, or told by their own agency.

    Nobody is among its workers without a directory to name them by.
    """
    read = _read_alone(who, person, opening)
    if read is None:
        return BeforeContact()
    viewing, records = read
    told = _told(who, person, _alone(records, viewing), own)
    if directory is None:
        return told
    entries = entries_for(records, directory)
    workers = sections.practitioners(records, entries, viewing.today.isoformat())
    return replace(told, workers=workers)


def _told(
    who: SignedInPractitioner, person: PersonId, view: PersonView, own: OwnOpening
) -> BeforeContact:
    name = listed_name(view)
    if name is not None:
        death = view.death or own_death(who, person, own=own)
        return BeforeContact(name, view.date_of_birth, death, view.expected_date_of_birth)
    label = own_labels(who, [person], opening=own).get(person)
    if label is None:
        return BeforeContact(None, view.date_of_birth, view.death, view.expected_date_of_birth)
    death = view.death or death_by_label(label, uk_day(own.at))
    return BeforeContact(labelled_name(label), label.label.date_of_birth, death)


def listed_name(view: PersonView) -> str | None:
    """The name by which somebody is listed: the first given one and the family's, if any is."""
    if not view.names:
        return None
    named = view.names[0]
    return " ".join((*named.given_names[:1], named.family_name or "")).strip() or None


def labelled_name(own: OwnLabel) -> str | None:
    """The same, as the practitioner's own agency sent it."""
    label = own.label
    return " ".join((*label.given_names[:1], label.family_name or "")).strip() or None


def read_family(
    who: SignedInPractitioner,
    person: PersonId,
    purpose: Purpose,
    *,
    reading: Reading,
    own: OwnOpening,
    earlier: EarlierLooks | None = None,
) -> Profile | ProfileRefused:
    """The profile, with a death of which only the practitioner's own agency was told.

    A page that shows a child alive to somebody whose own service knows better is false. And with
    when they looked before, by `earlier` where it is asked.
    """
    profile = read_profile(reading_order(who, person, purpose), reading=reading)
    if isinstance(profile, ProfileRefused):
        return profile
    if earlier is not None:
        looked = earlier.looked_before(profile.child, who.id, at=profile.as_of)
        if looked is not None:
            profile = replace(profile, looked_before=looked.at, arrived=looked.arrived)
    child, *others = profile.people
    death = child.death or own_death(who, child.id, own=own)
    if death is child.death:
        return profile
    told = replace(child, death=death, died=None if death is None else death.on)
    return replace(profile, people=(told, *others))


Deaths = tuple[DeathView | None, DeathView | None]
"""Of one of two, and of the other."""


def deaths_of_two(
    one: PersonId, other: PersonId, usable: Mapping[PersonId, Usable], *, opening: Opening
) -> Deaths:
    """What is told of the death of each of two who may be one, by whom they may be compared."""
    return (
        _death_of(one, usable[one].permitted, opening),
        _death_of(other, usable[other].permitted, opening),
    )


def _death_of(person: PersonId, sources: Collection[Source], opening: Opening) -> DeathView | None:
    known = opening.records.known_as(person)
    found = [
        record
        for record in opening.records.about([known])
        if record.category is Category.IDENTITY_AND_CONTACT
        and record.source in sources
        and record.persons[0] == known
    ]
    records = list(opening.records.open(found))
    view, *_ = people(records, known, (), uk_day(opening.at).isoformat())
    return view.death


def own_death(who: SignedInPractitioner, person: PersonId, *, own: OwnOpening) -> DeathView | None:
    """What the practitioner's own agency was told of the death of somebody whom it works with."""
    label = own_deaths(who, [person], opening=own).get(person)
    return None if label is None else death_by_label(label, uk_day(own.at))


def death_shared(
    who: SignedInPractitioner, person: PersonId, *, opening: Opening
) -> DeathView | None:
    """The same of what is shared alone, for who lists many and opens no label of each."""
    view = seen(who, person, opening)
    return None if view is None else view.death


def seen(who: SignedInPractitioner, person: PersonId, opening: Opening) -> PersonView | None:
    """The person alone, as the practitioner could read of them; None to whom they are closed."""
    read = _read_alone(who, person, opening)
    return None if read is None else _alone(read[1], read[0])


def _read_alone(
    who: SignedInPractitioner, person: PersonId, opening: Opening
) -> tuple[Viewing, Sequence[PublishedRecord]] | None:
    viewing, found = view_family(reading_order(who, person, who.purpose), opening=opening)
    if viewing.refusal() is not None:
        return None
    known = viewing.command.person
    own = [r for r in found if r.persons[0] == known and viewing.ask(r).is_permitted]
    return viewing, list(opening.records.open(own))


def seen_with_siblings(
    who: SignedInPractitioner, person: PersonId, opening: Opening
) -> tuple[PersonView, frozenset[PersonId]] | None:
    """The same, with their brothers and sisters as far as the practitioner could read of them."""
    viewing, found = view_family(reading_order(who, person, who.purpose), opening=opening)
    if viewing.refusal() is not None:
        return None
    known = viewing.command.person
    asked = [r for r in found if r.persons[0] == known or _is_a_tie(r)]
    opened = list(opening.records.open([r for r in asked if viewing.ask(r).is_permitted]))
    relations = relations_to(known, opened)
    siblings = {one for one, kind in relations.items() if kind is RelationshipKind.SIBLING}
    own = [record for record in opened if record.persons[0] == known]
    return _alone(own, viewing), frozenset(siblings)


def _alone(own: Sequence[PublishedRecord], viewing: Viewing) -> PersonView:
    view, *_ = people(own, viewing.command.person, (), viewing.today.isoformat())
    return view


def _is_a_tie(record: StoredRecord) -> bool:
    """Whether it may say who somebody is to somebody else."""
    return record.category is Category.FAMILY_AND_HOUSEHOLD and len(record.persons) > 1


def death_by_label(own: OwnLabel, today: date) -> DeathView | None:
    """What an agency's own feeds tell of a death, of somebody whom it works with."""
    said = [
        Statement(one.said, Provenance(one.source, one.version.split("/")[0])) for one in own.deaths
    ]
    born = own.label.date_of_birth
    return death_of(said, () if born is None else (born,), today.isoformat())
