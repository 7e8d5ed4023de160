"""How people can be reached, as messages tell it: kept, sealed, published or not.

Nobody is shown it. It is what a code may be sent to, and what a confirming officer rings back on,
when somebody has to show that they are who a practitioner is with: mostly before anything about
them may be shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.publishing.ports import (
    ContactsCleared,
    Publishing,
    ResolvedSubject,
    ToldContacts,
)
from schemas.identifiers import PersonId
from schemas.records.message import Record, SourceMessage, Subject
from schemas.records.payloads import (
    ContactDetails,
    FactStatus,
    Relationship,
    RelationshipKind,
    Telecom,
)
from schemas.vocabulary import Action, Category, Label

OWN = "own"
"""How a contact is held that is the person's own; others are held as whose it is to them."""

_PARENTS = frozenset({RelationshipKind.MOTHER, RelationshipKind.FATHER, RelationshipKind.PARENT})
_WITH_CONTACTS = frozenset({Category.IDENTITY_AND_CONTACT, Category.FAMILY_AND_HOUSEHOLD})


@dataclass(slots=True)
class ContactsTold:
    """Gathers message by message; writes once, at the end, of whoever is known by then."""

    publishing: Publishing
    _messages: list[tuple[SourceMessage, Sequence[ResolvedSubject]]] = field(default_factory=list)
    _told: list[ToldContacts] = field(default_factory=list)
    _cleared: list[ContactsCleared] = field(default_factory=list)

    def gather(self, message: SourceMessage, subjects: Sequence[ResolvedSubject]) -> None:
        """Note a message that tells how to reach somebody, or takes it back."""
        if message.removes_subject or any(map(_tells, message.records)):
            self._messages.append((message, subjects))

    def write(self) -> None:
        """Keep what is new and forget what is told no more; call it when persons were made."""
        for (message, _), persons in zip(self._messages, self._persons(), strict=True):
            self._read(message, persons)
        if self._told or self._cleared:
            self.publishing.contacts.keep(self._told, self._cleared)

    def _persons(self) -> Sequence[Mapping[str, PersonId | None]]:
        """Who the subjects of each message are; who was unknown is looked up once more."""
        persons = [
            {s.ref: r.person for s, r in zip(message.subjects, subjects, strict=True)}
            for message, subjects in self._messages
        ]
        unknown = [
            (known, subject)
            for (message, subjects), known in zip(self._messages, persons, strict=True)
            for subject, resolved in zip(message.subjects, subjects, strict=True)
            if resolved.person is None and resolved.conflict is None and not resolved.is_beside
        ]
        if unknown:
            found = self.publishing.persons.resolve([subject for _, subject in unknown])
            for (known, subject), resolved in zip(unknown, found, strict=True):
                known[subject.ref] = resolved.person
        return persons

    def _read(self, message: SourceMessage, persons: Mapping[str, PersonId | None]) -> None:
        feed = self.publishing.feed
        agency = "" if feed is None else feed.agency or message.sender or ""
        names = {subject.ref: _name_of(subject) for subject in message.subjects}
        version = message.version.sort_key
        for record in message.records:
            person = persons[record.subjects[0]]
            if person is None:
                continue
            if record.action is Action.CLEAR:
                self._cleared += _cleared_by(record, ContactsCleared(person, version, agency))
            else:
                told = ToldContacts(person, record.source_id, version, agency=agency)
                self._told += _told_by(record, told, names[record.subjects[0]], persons)
        first = persons[message.subjects[0].ref] if message.subjects else None
        if message.removes_subject and first is not None:
            self._cleared.append(ContactsCleared(first, version, agency))


def _tells(record: Record) -> bool:
    """Whether it may tell of contacts, or take some back."""
    is_told = isinstance(record.payload, ContactDetails | Relationship)
    return is_told or (record.action is not Action.UPSERT and record.category in _WITH_CONTACTS)


def _cleared_by(record: Record, cleared: ContactsCleared) -> Sequence[ContactsCleared]:
    return [cleared] if record.category in _WITH_CONTACTS else []


def _told_by(
    record: Record, told: ToldContacts, name: str, persons: Mapping[str, PersonId | None]
) -> Sequence[ToldContacts]:
    """The person's own contacts, or those of who answers for a child; none where it is gone."""
    match record.payload:
        case ContactDetails(telecoms=telecoms):
            shown = () if _is_protected(record) else _in_use(telecoms, told.version)
            return [replace(told, held_as=OWN, telecoms=shown, name=name)]
        case Relationship() as tie if _answers_for_child(tie):
            holds = tie.status is FactStatus.HOLDS and tie.period.covers(told.version[:10])
            is_shown = holds and not _is_protected(record)
            shown = _in_use(tie.telecoms, told.version) if is_shown else ()
            other = persons[record.subjects[1]] if len(record.subjects) > 1 else None
            named = tie.name or ""
            return [replace(told, held_as=tie.kind, other=other, telecoms=shown, name=named)]
        case None:
            return [told]
        case _:
            return []


def _in_use(telecoms: Sequence[Telecom], version: str) -> tuple[Telecom, ...]:
    """Those that may be used on the day on which the message was said."""
    return tuple(one for one in telecoms if one.is_in_use(version[:10]))


def _answers_for_child(tie: Relationship) -> bool:
    return bool(tie.has_responsibility) or tie.kind in _PARENTS


def _is_protected(record: Record) -> bool:
    """Whether its source protects it: a message there could be read by who must not know."""
    return Label.PROTECTED_LOCATION in record.labels


def _name_of(subject: Subject) -> str:
    person = subject.demographics
    return " ".join((*person.given_names[:1], person.family_name or "")).strip()
