"""What is passed on unread is what would be shown if everything were read first, byte for byte."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, cast

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from consent import OnRecord, Practitioner
from consent.model import RestrictionScope
from schemas.errors import UnreadableEventError
from schemas.identifiers import RecordKey
from schemas.records.payloads import Occurrence, OccurrenceKind, Payload
from schemas.records.published import PublishedRecord
from schemas.records.unused import MoreAtSource, MoreKind
from schemas.vocabulary import Category, Label, Role, Source
from services.interfaces.families.bundle import represented
from services.interfaces.families.negotiation import MediaType
from services.interfaces.families.text import AS_TEXT, document_from_profile
from services.people.practitioners.people import Directory, Heard
from services.profile.merging.timeline import opened, timeline
from services.profile.model import Profile
from services.profile.parts.content import Content, content_of, item_of, read, written
from services.profile.parts.kept.forms import AS_PROFILE
from services.profile.ports import Disclosure, StoredRecord
from services.profile.reading import Reading, read_opened
from services.profile.viewing import Viewing
from tests.support.builders import (
    ALL_AGREED,
    NOW,
    VISITOR,
    a_permit,
    a_relationship,
    a_restriction,
)
from tests.support.clock import StandingClock
from tests.support.fakes.fake_ledger import FakeLedger
from tests.support.payload_strategies import PAYLOADS, kept_to
from tests.support.people.family_records import a_record
from tests.support.people.slow_reading import (
    last_updated,
    read_first,
    slow_document,
    slow_timeline,
)
from tests.support.traces.hidden_worlds import CHILD, ORDER, PERSONS

_CHILD, _MOTHER, _FATHER, _SIBLING, _ = PERSONS
_VERSIONS = ["2026-01-01/1", "2026-01-02/1", "2026-01-02/2", "2027-01-01/1"]
_often = [Occurrence, Occurrence, *PAYLOADS]


def _each_label_once(payload: Payload) -> Payload:
    """Of one label one detail: where something is told twice, details stand label by label."""
    if not isinstance(payload, Occurrence):
        return payload
    return replace(payload, details=tuple(dict(payload.details).items()))


_records = st.builds(
    PublishedRecord,
    key=st.sampled_from("klmnopq").map(RecordKey),
    source=st.sampled_from(Source),
    category=st.sampled_from(Category),
    persons=st.sampled_from(
        [(_CHILD,), (_MOTHER,), (_CHILD, _MOTHER), (_SIBLING, _MOTHER), (_FATHER,)]
    ),
    version=st.sampled_from(_VERSIONS),
    payload=st.sampled_from(_often).flatmap(PAYLOADS.__getitem__).map(_each_label_once),
    labels=st.sets(st.sampled_from(Label), max_size=1).map(frozenset),
    part_of=st.sampled_from([None, None, None, RecordKey("k")]),
    kept_to=kept_to,
    more=st.sampled_from([(), (MoreAtSource(MoreKind.OTHER, 2),)]),
)
quick = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def families(draw: st.DrawFn) -> list[Content]:
    """Facts of a family as they lie under seals, some of them twice, in whatever order.

    Of one key there is one record, as the database has it.
    """
    unique = st.lists(_records, max_size=10, unique_by=lambda r: (r.source, r.key, r.persons[0]))
    records = draw(unique)
    random = Random(draw(st.integers(0, 99)))
    together: dict[object, list[PublishedRecord]] = {}
    for record in [*records, *records[:1]]:
        marks = (record.source, record.category, record.persons, record.labels, record.kept_to)
        together.setdefault((*marks, random.randrange(2)), []).append(record)
    found = [
        read(written(replace(content_of(alike[0]), items=[item_of(one) for one in alike])))
        for alike in together.values()
    ]
    random.shuffle(found)
    return found


def _as_it_lies(contents: Iterable[Content]) -> Iterable[Content]:
    return contents


@dataclass(frozen=True)
class _Sealed:
    found: Sequence[Content]
    opened: Callable[[Iterable[Content]], Iterable[Content]]

    def contents(self, records: Sequence[StoredRecord]) -> Iterator[Content]:
        """All of it: whose it may not be is left out by their record, before anything is opened."""
        asked = {(r.source, r.category, r.persons, r.labels) for r in records}
        return iter(
            self.opened(
                c for c in self.found if (c.source, c.category, c.persons, c.labels) in asked
            )
        )


class _Nothing:
    def about(self, _person: object) -> tuple[()]:
        """Nothing was unread."""
        return ()

    def may_hold(self, _person: object) -> tuple[()]:
        """Nothing waits."""
        return ()

    def save(self, look: Disclosure) -> None:
        """Not asked."""


def _shown(
    family: Sequence[Content],
    hidden: int | None,
    opened: Callable[[Iterable[Content]], Iterable[Content]] = _as_it_lies,
) -> Profile:
    places = a_restriction(
        *(() if hidden == 1 else (VISITOR,)), subject=_MOTHER, scope=RestrictionScope.LOCATION
    )
    permit = a_permit(subjects=PERSONS, category=list(Category))
    restrictions = () if hidden is None else (places,)
    on_record = dict.fromkeys(PERSONS, OnRecord((permit,), (), (ALL_AGREED,)))
    on_record[_MOTHER] = OnRecord((permit,), restrictions, (ALL_AGREED,))
    who = Practitioner(VISITOR, Role.PRACTITIONER, Source.HEALTH_VISITING, (a_relationship(),))
    viewing = Viewing(ORDER, who, on_record, NOW)
    stored = [
        StoredRecord(
            RecordKey("part"), c.source, c.category, c.persons, c.labels, "", b"", c.persons[0]
        )
        for c in family
    ]
    decided = [(record, viewing.ask(record)) for record in stored]
    nothing = cast("Any", _Nothing())
    reading = Reading(
        cast("Any", _Sealed(family, opened)),
        nothing,
        nothing,
        lambda _workers, _agencies: Directory({}, {}),
        lambda: dict.fromkeys(Source, Heard(NOW, None)),
        nothing,
        nothing,
        FakeLedger(),
        StandingClock(NOW),
    )
    permitted = [(record, said) for record, said in decided if said.is_permitted]
    denied = [(record, said) for record, said in decided if not said.is_permitted]
    return read_opened(viewing, permitted, denied, reading)


@given(family=families(), hidden=st.sampled_from([None, 0, 1]))
@quick
def test_a_family_is_the_same_whether_or_not_everything_is_read_first(
    family: list[Content], hidden: int | None
):
    """The profile, and the bytes of both forms; of a family under whatever seals."""
    quickly, slowly = _shown(family, hidden), _shown(family, hidden, read_first)

    assert quickly == slowly
    for form in MediaType:
        assert represented(quickly, form) == represented(slowly, form)
    assert represented(_shown(family, hidden), MediaType.JSON) == slow_document(slowly)
    assert document_from_profile(quickly) == orjson.loads(slow_document(quickly))
    for kept in (AS_PROFILE, AS_TEXT):
        again = kept.told(kept.written(quickly), quickly.sources, quickly.as_of)
        assert again == kept.made(quickly)


@given(family=families())
@quick
def test_a_timeline_is_in_the_order_in_which_it_would_be_read(family: list[Content]):
    """Day by day, what was said last first; whatever completes another, or is told twice."""
    found = opened(family)

    assert timeline(found.records, found.unread) == slow_timeline(family)


@given(family=families())
@quick
def test_a_source_says_the_latest_that_is_shown_of_it(family: list[Content]):
    """Also where that is something that happened, and was not read."""
    of_child = [c for c in family if c.persons[0] == CHILD]
    may_be_shown = [c for c in of_child if Label.PROTECTED_LOCATION not in c.labels]

    profile = _shown(of_child, None)

    told = {s.source: s.last_updated for s in profile.sources if s.last_updated is not None}
    assert told == last_updated(may_be_shown)


def test_the_text_of_what_happened_has_every_field_that_is_shown():
    """It is passed on as stored: a field more or less takes a new kind in `parts.content`."""
    record = a_record(Occurrence(OccurrenceKind.REVIEW, "Review"))
    (item,) = content_of(record).items

    assert list(orjson.loads(item.text)) == [
        "kind",
        "title",
        "period",
        "coding",
        "outcome",
        "not_done",
        "agency_name",
        "practitioner_name",
        "details",
        "status",
    ]


def test_an_occurrence_that_cannot_be_read_is_told_when_it_is_asked_for():
    """Not before, as nobody reads it."""
    (item,) = content_of(a_record(Occurrence(OccurrenceKind.REVIEW, "Review"))).items
    content = content_of(a_record(Occurrence(OccurrenceKind.REVIEW, "Review")))
    (entry,) = timeline([], [replace(content, items=[structs.replace(item, text=b"{}")])])

    with pytest.raises(UnreadableEventError):
        _ = entry.occurrence
    with pytest.raises(AttributeError):
        _ = cast("Any", entry).nothing_of_the_kind
