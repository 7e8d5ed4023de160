"""Keys that last where a sender has no reference of its own: by who it is, not by what changes.

A school tells a pupil by a number or by names. Both change: a number is added, left out or
corrected, a middle name added. What it called a person first is what its records of them are named
by for good; who a pupil is, is known before anything is published.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.ports import Received, Unreadable
from connectors.publishing.lists.ports import OnList, SeenOnList
from connectors.publishing.ports import Feed, Hasher, Publishing, ResolvedSubject
from connectors.publishing.typed import namespace_of
from schemas.identifiers import PersonId
from schemas.records.message import IN_PART, WHOLE_LIST, Listed, Record, SourceMessage, Version
from schemas.records.payloads import SCHOOL, ContactDetails, Involvement, Period
from schemas.vocabulary import Action, Category, Label

TWO_PUPILS = "contradicts:another-pupil-of-the-list"
_PUPIL = "pupil"
_ENROLMENT = "enrolment"
_HOME = "/contact-details"
_OFF_THE_LIST = "enrolment/off-the-list"
_DIGITS = 32
_URN = re.compile(r"[0-9]{6}")

_Messages = Mapping[int, SourceMessage]
_Resolved = Mapping[int, Sequence[ResolvedSubject]]


@dataclass(slots=True)
class ListsTold:
    """Whom the messages of a batch have on lists: read before they are decided on, kept after.

    `came` are the versions of the lists in which they came; a message that said the same before
    may be taken for that one, and has its version.
    """

    publishing: Publishing
    on_list: Mapping[tuple[str, PersonId], OnList] = field(default_factory=dict)
    wholes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    came: Sequence[Version | None] = ()
    _seen: list[tuple[SourceMessage, str, ResolvedSubject]] = field(default_factory=list)

    @classmethod
    def read(
        cls,
        messages: Sequence[Received],
        came: Sequence[Version | None],
        resolved: _Resolved,
        publishing: Publishing,
    ) -> "ListsTold":
        """Look up whom the messages have on lists; of most sources there are none."""
        found = cls(publishing, came=came)
        listed = _listed(messages)
        if publishing.lists is None or not listed:
            return found
        asked = set(found._asked(listed, resolved).values())
        senders = {found.sender_of(message.listed) for message in listed.values() if message.listed}
        found.on_list = publishing.lists.find(asked)
        found.wholes = publishing.lists.wholes(senders)
        return found

    def with_lasting_keys(
        self,
        messages: Sequence[Received],
        resolved: _Resolved,
        published_of: Collection[PersonId],
    ) -> list[Received]:
        """The messages, named by what their senders' records are named by for good.

        Two pupils of one list who are taken for one person are nobody's to choose between: neither
        is read.
        """
        named = list(messages)
        listed = _listed(messages)
        asked = self._asked(listed, resolved)
        for position in self._taken_for_one(listed, asked):
            why = Unreadable(_PUPIL, TWO_PUPILS, listed[position].message_id)
            named[position] = replace(messages[position], outcome=why)
            del asked[position]
        first: dict[tuple[str, PersonId], str] = {}
        for position, message in listed.items():
            if isinstance(named[position].outcome, Unreadable) or message.listed is None:
                continue
            place = asked.get(position)
            on_list = self.on_list.get(place) if place else None
            own = on_list.own if on_list else message.listed.own
            own = first.setdefault(place, own) if place else own
            is_known = on_list is not None or (place is not None and place[1] in published_of)
            lasting = _Lasting(message, message.listed, own, on_list, is_known=is_known)
            left = self._left(message, self._version(position, message), on_list)
            records = tuple(lasting.records(left))
            if message.listed.is_unnamed:
                records = tuple(map(self._as_its_agency_says, records))
            named[position] = replace(messages[position], outcome=replace(message, records=records))
        return named

    def _as_its_agency_says(self, record: Record) -> Record:
        """The school of a list is that of the agency whose feed it came by, unless it says which.

        A reference number is one by which nobody else names a school.
        """
        agency = None if self.publishing.feed is None else self.publishing.feed.agency
        match record.payload:
            case Involvement(service=service, agency_code=code) if (
                agency and service == SCHOOL and (code is None or _URN.fullmatch(code))
            ):
                return replace(record, payload=replace(record.payload, agency_code=agency))
            case ContactDetails(said_by=None) if agency and record.source_id.endswith(_HOME):
                return replace(record, payload=replace(record.payload, said_by=agency))
            case _:
                return record

    def gather(
        self, position: int, message: SourceMessage, resolved: Sequence[ResolvedSubject]
    ) -> None:
        """Note a message that has somebody on a list and could be read."""
        if message.listed is not None and self.publishing.lists is not None:
            self._seen.append((message, self._version(position, message), resolved[0]))

    def write(self, whole: str | None) -> None:
        """Keep who is on which list; `whole` is the part for which their file was declared whole.

        Call it when persons were made: who was unknown is looked up once more.
        """
        lists = self.publishing.lists
        if lists is None or not self._seen:
            return
        unknown = [m for m, _, known in self._seen if known.person is None and not known.conflict]
        found = self.publishing.persons.resolve([m.subjects[0] for m in unknown])
        now_known = {id(m): one.person for m, one in zip(unknown, found, strict=True)}
        lists.keep(
            [
                self._seen_on_list(
                    message, version, known.person or now_known.get(id(message)), whole
                )
                for message, version, known in self._seen
            ]
        )

    def _seen_on_list(
        self, message: SourceMessage, version: str, person: PersonId | None, whole: str | None
    ) -> SeenOnList:
        listed = message.listed
        if listed is None:
            raise ValueError("message: give one that has somebody on a list")
        sender = self.sender_of(listed)
        on_list = None if person is None else self.on_list.get((sender, person))
        states = {r.source_id for r in message.records if r.action is Action.UPSERT}
        parts = {part for part in (*listed.stands_in, whole or listed.whole) if part}
        hasher = self.publishing.hasher
        return SeenOnList(
            sender,
            person,
            own=listed.own if on_list is None else on_list.own,
            version=version,
            said=said_of(message, hasher),
            alike=alike_of(message, hasher),
            stands_in=frozenset(part_of_list(sender, part, hasher) for part in parts),
            left=self._left(message, version, on_list),
            is_in_part=any(source_id.endswith(IN_PART) for source_id in states),
            has_left=listed.has_left,
        )

    def _version(self, position: int, message: SourceMessage) -> str:
        """The version of the list in which a message came."""
        came = self.came[position] if position < len(self.came) else None
        return (came or message.version).sort_key

    def _left(self, message: SourceMessage, version: str, on_list: OnList | None) -> str | None:
        """The version of the whole list on which they were no longer, where that is newer."""
        listed = message.listed
        if listed is None:
            return None
        last = version if on_list is None else max(version, on_list.version)
        sender, parts = self.sender_of(listed), (*listed.stands_in, WHOLE_LIST)
        keys = (part_of_list(sender, part, self.publishing.hasher) for part in parts)
        wholes = [w for key in keys if (w := self.wholes.get((sender, key))) and w > last]
        known = [] if on_list is None or on_list.left is None else [on_list.left]
        newer = [left for left in (*wholes, *known) if left > version]
        return max(newer, default=None)

    def sender_of(self, listed: Listed) -> str:
        """Whose words they are."""
        return sender_of(listed, self.publishing.feed)

    def _asked(self, listed: _Messages, resolved: _Resolved) -> dict[int, tuple[str, PersonId]]:
        return {
            position: (self.sender_of(message.listed), person)
            for position, message in listed.items()
            if message.listed is not None and (person := resolved[position][0].person) is not None
        }

    def _taken_for_one(
        self, listed: _Messages, asked: Mapping[int, tuple[str, PersonId]]
    ) -> Collection[int]:
        """Where one list tells one person by two given names or births, also by one number.

        A number that is copied into the next row would give one child another's parents.
        """
        hasher = self.publishing.hasher
        told: dict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
        for position, place in asked.items():
            message = listed[position]
            at = self._version(position, message).partition("/")[0]
            told[(*place, at)][position] = alike_of(message, hasher)
        found: set[int] = set()
        for (sender, person, at), ways in told.items():
            before = self.on_list.get((sender, PersonId(person)))
            others = set(ways.values())
            if before is not None and before.version.startswith(f"{at}/"):
                others.add(before.alike)
            if len(others) > 1:
                found |= set(ways)
        return found


def sender_of(listed: Listed, feed: Feed | None) -> str:
    """Whose words they are: what one agency's people can type is of that agency alone."""
    typed_by = namespace_of(feed)
    return listed.sender if typed_by is None else f"{typed_by}/{listed.sender}"


def part_of_list(sender: str, part: str, hasher: Hasher) -> str:
    """A keyed hash of a part of a sender's list: which class a child is in is content."""
    return hasher.opaque("list-part", sender, part)[:_DIGITS]


def said_of(message: SourceMessage, hasher: Hasher) -> str:
    """A keyed hash of what the message tells its pupil by."""
    own = "" if message.listed is None else message.listed.own
    return hasher.opaque("listed-by", own)[:_DIGITS]


def alike_of(message: SourceMessage, hasher: Hasher) -> str:
    """A keyed hash of birth and first name, by which a pupil is taken for the same on two lists."""
    who = message.subjects[0].demographics
    name = "".join(c for c in "".join(who.given_names[:1]).casefold() if c.isalpha())
    return hasher.opaque("listed-alike", who.date_of_birth or "", name)[:_DIGITS]


def off_the_list(prefix: str, version: str, subjects: tuple[str, ...]) -> Record:
    """That a pupil is no longer on the school's whole list of that version: until then at most."""
    return Record(
        f"{prefix}{_OFF_THE_LIST}",
        Category.EDUCATION,
        subjects,
        Involvement(service=SCHOOL, period=Period(end=version[: len("YYYY-MM-DD")])),
        labels=frozenset({Label.LOCATION}),
        part_of=f"{prefix}{_ENROLMENT}",
    )


def _listed(messages: Sequence[Received]) -> dict[int, SourceMessage]:
    return {
        position: received.outcome
        for position, received in enumerate(messages)
        if isinstance(received.outcome, SourceMessage) and received.outcome.listed is not None
    }


@dataclass(frozen=True, slots=True)
class _Lasting:
    """One message, and what its records are named by for good.

    `is_known`: the sender, or one of its kind, has told of this person before.
    """

    message: SourceMessage
    listed: Listed
    own: str
    on_list: OnList | None
    is_known: bool

    def records(self, left: str | None) -> Iterator[Record]:
        """What it says, and what becomes of what was said by other names or in other lists."""
        yield from (self._named(r, self.prefix) for r in self.message.records if self._bears(r))
        before = None if self.on_list is None else self.on_list.own_before
        if before is not None:
            prefix = replace(self.listed, own=before).prefix
            stated = (r for r in self.message.records if r.action is Action.UPSERT)
            yield from (_gone(self._named(record, prefix)) for record in stated)
        subjects = (self.message.subjects[0].ref,)
        if left is not None and not self.listed.has_left:
            yield off_the_list(self.prefix, left, subjects)
        elif self.on_list is not None and self.on_list.left is not None:
            yield _gone(off_the_list(self.prefix, self.on_list.left, subjects))

    @property
    def prefix(self) -> str:
        """What the source ids begin with."""
        return replace(self.listed, own=self.own).prefix

    def _bears(self, record: Record) -> bool:
        """Whether there may be something that it takes back: of most there is nothing."""
        if record.action is not Action.REMOVE:
            return True
        if record.source_id.endswith(IN_PART):
            return self.on_list is not None and self.on_list.is_in_part
        return self.is_known

    def _named(self, record: Record, prefix: str) -> Record:
        old = self.listed.prefix
        if prefix == old:
            return record

        def named(source_id: str) -> str:
            return prefix + source_id.removeprefix(old) if source_id.startswith(old) else source_id

        return replace(
            record,
            source_id=named(record.source_id),
            scopes=tuple(map(named, record.scopes)),
            keeps=tuple(map(named, record.keeps)),
            part_of=None if record.part_of is None else named(record.part_of),
        )


def _gone(record: Record) -> Record:
    """That a record is there no longer."""
    return replace(record, payload=None, action=Action.REMOVE, part_of=None)
