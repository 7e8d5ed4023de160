"""A list that was read to its end: who is no longer on it, where it was declared whole.

A pupil who leaves a school is not purged from it: the school becomes a former one, with the day
of the list as the latest day possible. What else it told of them stays as what it said then.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.ports import Received
from connectors.publishing.lists.told import off_the_list, part_of_list, sender_of
from connectors.publishing.ports import Publishing, ResolvedSubject
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from consent.ports import Ledger
from schemas.identifiers import PersonId
from schemas.records.message import WHOLE_LIST, SourceMessage, Subject, Version
from schemas.vocabulary import LabelledCode, Source
from services.intake.lists.postgres import PostgresPupilLists, PupilOnList
from services.people.governance.orders import Order, Orders, OrderStatus, answer, ask, carried_out

KIND = "list-removal"
"""Orders of this kind ask a data steward whether so many are to leave a list."""
_MOST_OF_FIVE = 1
_JOB = "job:connector-schools"


class ListOutcome(LabelledCode):
    """What came of a list that was declared whole."""

    NOBODY = "nobody-left", "everybody of before is on it"
    TAKEN_OFF = "taken-off", "who is not on it is shown as having left"
    WAITS = "waits-for-steward", "nobody is taken off until a data steward agrees"
    UNREADABLE = "has-unreadable-rows", "nobody is taken off while rows of it cannot be read"
    NOBODYS = "is-nobodys", "nobody is taken off by a list that comes by no registered feed"
    OLDER = "is-older", "a newer whole list is known already"


@dataclass(frozen=True, slots=True)
class ListClosed:
    """What came of one list: of which sender, for which part, how many of how many."""

    sender: str
    part: str
    outcome: ListOutcome
    gone: int = 0
    of: int = 0
    order: str | None = None


@dataclass(frozen=True, slots=True)
class CloseList:
    """Order: the file that `last` came in was read to its end.

    `declared` is the part for which it was declared whole, where that was said beside it. `has_all`
    is false where anything in it could not be read: that may be whoever seems to be missing.
    """

    last: SourceMessage
    declared: str | None
    has_all: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """What lists are closed with; every port joins one transaction.

    `one_with` gives for each person all who are one with them; `waiting` the orders of this kind.
    """

    publishing: Publishing
    lists: PostgresPupilLists
    one_with: Callable[[Collection[PersonId]], Mapping[PersonId, Sequence[PersonId]]]
    orders: Orders
    waiting: Callable[[], Sequence[Order]]
    ledger: Ledger
    at: datetime


def close_list(command: CloseList, *, closing: Closing) -> ListClosed | None:
    """Take off the list whoever is not on it; None where it was not declared whole.

    Where more than a fifth of those in the part would go, nobody goes, and a data steward is asked.
    An older question about the same part is answered by the newer list.
    """
    listed = command.last.listed
    part = command.declared or (None if listed is None else listed.whole)
    if listed is None or part is None:
        return None
    sender = sender_of(listed, closing.publishing.feed)
    version = Version(command.last.version.at).sort_key
    whole = _Whole(command.last.source, sender, part, version, command.last.sender)
    if closing.publishing.feed is None:
        return ListClosed(sender, part, ListOutcome.NOBODYS)
    if closing.lists.wholes([sender]).get((sender, whole.key(closing)), "") > version:
        return ListClosed(sender, part, ListOutcome.OLDER)
    _let_older_questions_lapse(whole, closing)
    if not command.has_all:
        return ListClosed(sender, part, ListOutcome.UNREADABLE)
    gone, before = whole.missing(closing)
    told = ListClosed(sender, part, ListOutcome.NOBODY, len(gone), before)
    if 5 * len(gone) > _MOST_OF_FIVE * before:
        order = ask(
            KIND,
            whole.document(len(gone), before, closing),
            by=_JOB,
            orders=closing.orders,
            ledger=closing.ledger,
            at=closing.at,
        )
        return replace(told, outcome=ListOutcome.WAITS, order=order.id)
    whole.apply(gone, closing)
    return replace(told, outcome=ListOutcome.TAKEN_OFF) if gone else told


def carry_out_agreed(order: Order, *, closing: Closing) -> ListClosed:
    """Take off the list whom a data steward agreed to, but for whoever came back meanwhile."""
    told = order.document
    told_of = (told["sender"], told["part"], told["version"], told["agency"])
    whole = _Whole(Source(told["source"]), *told_of)
    gone, before = whole.missing(closing)
    whole.apply(gone, closing)
    by = order.answered_by or order.asked_by
    carried_out(order, by=by, orders=closing.orders, ledger=closing.ledger, at=closing.at)
    outcome = ListOutcome.TAKEN_OFF
    return ListClosed(whole.sender, whole.part, outcome, len(gone), before, order.id)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A list of one sender that is whole for one part, as of one version."""

    source: Source
    sender: str
    part: str
    version: str
    agency: str | None

    def key(self, closing: Closing) -> str:
        return part_of_list(self.sender, self.part, closing.publishing.hasher)

    def missing(self, closing: Closing) -> tuple[list[PupilOnList], int]:
        """Who was on an older list and is not on this, and how many were on older ones at all.

        Nobody is missing who may be there by another name: as one with somebody who is, or as
        somebody new who was born on that day and has that first name.
        """
        part = None if self.part == WHOLE_LIST else self.key(closing)
        standing = closing.lists.standing(self.sender, part)
        before = [pupil for pupil in standing if pupil.since < self.version]
        there = [pupil for pupil in standing if pupil.version >= self.version]
        seen = closing.one_with({pupil.person for pupil in there if pupil.person is not None})
        persons = {one for members in seen.values() for one in members}
        alike = {pupil.alike for pupil in there if pupil.since >= self.version}
        gone = [
            pupil
            for pupil in before
            if pupil.version < self.version
            and pupil.person not in persons
            and pupil.alike not in alike
        ]
        return gone, len(before)

    def apply(self, gone: Sequence[PupilOnList], closing: Closing) -> None:
        """Say of each that they have left, and that the list was whole."""
        leaving = [pupil for pupil in gone if pupil.person is not None and pupil.own is not None]
        if leaving:
            messages = [
                Received(number, self._leaves(pupil), raw=bytes)
                for number, pupil in enumerate(leaving)
            ]
            command = PublishIfPermitted(self.source, messages)
            publishing = replace(closing.publishing, persons=_AlreadyKnown())
            publish_if_permitted(command, publishing=publishing)
        closing.lists.take_off(self.sender, gone, self.version)
        closing.lists.declare_whole(self.sender, self.key(closing), self.version)

    def document(self, gone: int, before: int, closing: Closing) -> dict[str, object]:
        """What is asked of a data steward: codes and counts, nobody's name."""
        feed = closing.publishing.feed
        return {
            "source": self.source.value,
            "sender": self.sender,
            "part": self.part,
            "version": self.version,
            "agency": self.agency,
            "feed": None if feed is None else feed.id,
            "gone": gone,
            "of": before,
        }

    def _leaves(self, pupil: PupilOnList) -> SourceMessage:
        name = self.sender.rpartition("/")[2]
        prefix, ref = f"{name}/{pupil.own}/", str(pupil.person)
        return SourceMessage(
            source=self.source,
            message_id=f"off-the-list/{self.sender}/{self.version}/{pupil.pupil.hex()}",
            version=Version(self.version.rpartition("/")[0]),
            subjects=(Subject(ref),),
            records=(off_the_list(prefix, self.version, (ref,)),),
            sender=self.agency,
        )


class _AlreadyKnown:
    """connectors.publishing.ports.PersonIndex of subjects that are told by who they are."""

    def resolve(self, subjects: Sequence[Subject]) -> Sequence[ResolvedSubject]:
        """Whom each names."""
        return [ResolvedSubject(PersonId(subject.ref)) for subject in subjects]

    def learn(
        self, known: Sequence[tuple[Subject, PersonId]], *, at: datetime
    ) -> Collection[PersonId]:
        """There is nothing to learn of them."""
        del known, at
        return ()


def _let_older_questions_lapse(whole: _Whole, closing: Closing) -> None:
    for order in closing.waiting():
        told = order.document
        is_about_it = told["sender"] == whole.sender and whole.part in {told["part"], WHOLE_LIST}
        if order.status is OrderStatus.ASKED and is_about_it and told["version"] < whole.version:
            answer(
                order.id,
                by=_JOB,
                confirms=False,
                orders=closing.orders,
                ledger=closing.ledger,
                at=closing.at,
            )
