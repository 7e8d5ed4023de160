"""Every record that may travel: text as people write it, dates as precise as sources know them."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Version
from schemas.records.payloads import (
    Address,
    Coding,
    CommunicationNeeds,
    ConnectionReport,
    ContactDetails,
    FactStatus,
    HelpWanted,
    Involvement,
    NextStep,
    Occurrence,
    OccurrenceKind,
    Period,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
    ReportedStatus,
    StoryConfirmation,
    StoryEntry,
    Telecom,
    WrittenHere,
)
from schemas.records.published import PublishedRecord, kept_to_category
from schemas.records.unused import MoreAtSource, MoreKind
from schemas.vocabulary import Action, Category, Label, Source

# Half surrogate pairs are no text; below 32 FHIR allows tab and line ends only (R4 section 2.24).
_ALPHABET = st.one_of(
    st.sampled_from(" \t\r\n\u00a0\u2028\u3000'\"&<>{}\\éÖßłŁ👶🏽‍"),
    st.characters(exclude_categories=("Cs", "Cc")),
)
texts = st.text(_ALPHABET, min_size=1, max_size=20)
maybe = st.none() | texts
some = st.lists(texts, max_size=3).map(tuple)
codes = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,11}\Z")
days = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)
moments = st.integers(-2_000_000_000, 4_000_000_000).map(
    lambda second: datetime.fromtimestamp(second, UTC).isoformat()
)
dates = st.one_of(days, moments, days.map(lambda day: day[:7]), days.map(lambda day: day[:4]))
periods = st.builds(Period, st.none() | dates, st.none() | dates)
flags = st.none() | st.booleans()
keys = st.binary(min_size=16, max_size=16).map(bytes.hex)

addresses = st.builds(
    Address,
    lines=some,
    postcode=maybe,
    period=periods,
    use=st.sampled_from(["home", "temp", "old", "work"]) | texts,
).filter(lambda address: address.lines or address.postcode)
telecoms = st.builds(
    Telecom, st.sampled_from(["phone", "sms", "email"]), texts, periods, st.booleans()
)
statuses = st.sampled_from(FactStatus)
written = st.builds(WrittenHere, by=texts, at=moments, author=keys)
codings = st.builds(Coding, st.just("http://snomed.info/sct"), codes, st.just("") | texts)

PAYLOADS = {
    PersonDetails: st.builds(
        PersonDetails,
        family_name=maybe,
        given_names=some,
        known_as=maybe,
        date_of_birth=st.none() | days,
        sex=st.sampled_from([None, "male", "female", "other", "unknown"]),
        expected_date_of_birth=st.none() | days,
        died=st.none() | dates,
        multiple_birth_order=st.none() | st.integers(1, 9),
        placeholder_name=st.booleans(),
        known_as_family=maybe,
        former_names=some,
        is_verified=st.booleans(),
        death_contradicted=st.booleans(),
    )
    | st.builds(PersonDetails, has_died=flags, death_contradicted=st.booleans()),
    ContactDetails: st.builds(
        ContactDetails,
        st.lists(addresses, max_size=2).map(tuple),
        st.lists(telecoms, max_size=2).map(tuple),
    ),
    CommunicationNeeds: st.builds(CommunicationNeeds, some, flags, some, maybe),
    Relationship: st.builds(
        Relationship,
        kind=st.sampled_from(RelationshipKind),
        name=maybe,
        telecoms=st.lists(telecoms, max_size=2).map(tuple),
        has_responsibility=flags,
        same_household=flags,
        contact_order=st.none() | st.integers(0, 99),
        languages=some,
        period=periods,
        addresses=st.lists(addresses, max_size=2).map(tuple),
        status=statuses,
        has_died=st.booleans(),
    ),
    Involvement: st.builds(
        Involvement,
        service=texts,
        agency_code=maybe,
        agency_name=maybe,
        team=maybe,
        practitioner_name=maybe,
        practitioner_ref=maybe,
        role=maybe,
        telephone=maybe,
        period=periods,
        status=statuses,
    ),
    Occurrence: st.builds(
        Occurrence,
        kind=st.sampled_from(OccurrenceKind),
        title=texts,
        period=periods,
        coding=st.none() | codings,
        outcome=maybe,
        not_done=st.booleans(),
        agency_name=maybe,
        practitioner_name=maybe,
        details=st.lists(st.tuples(texts, st.just("") | texts), max_size=3).map(tuple),
        status=statuses,
    ).filter(lambda told: told.not_done or told.status is not FactStatus.NOT_DONE),
    Plan: st.builds(
        Plan,
        kind=codes,
        title=texts,
        period=periods,
        agency_name=maybe,
        telephone=maybe,
        out_of_hours_telephone=maybe,
        status=statuses,
    ),
    StoryEntry: st.builds(
        StoryEntry,
        text=texts,
        told_by=texts,
        written_by=texts,
        written_at=moments,
        corrects=maybe,
        with_whom=maybe,
    ),
    StoryConfirmation: st.builds(
        StoryConfirmation,
        confirms=st.lists(keys, min_size=1, max_size=3).map(tuple),
        told_by=texts,
        written_by=texts,
        written_at=moments,
    ),
    HelpWanted: st.builds(
        HelpWanted,
        text=texts,
        written=written,
        helper=maybe,
        status=statuses,
        since=st.none() | days,
    ),
    NextStep: st.builds(
        NextStep,
        text=texts,
        who=texts,
        written=written,
        by=st.none() | days,
        plan=st.none() | keys,
        status=statuses,
        since=st.none() | days,
    ),
    ConnectionReport: st.builds(
        ConnectionReport,
        service=texts,
        service_ref=keys,
        asked_by=texts,
        asked_on=days,
        status=st.sampled_from(ReportedStatus),
        since=days,
        partner=maybe,
        reason_code=st.none() | codes,
        contacted_on=st.none() | days,
        next_step=maybe,
    ),
}
kept_to = st.sets(
    st.sampled_from(Source).map("agency:{}".format)
    | st.sampled_from(Category).map(kept_to_category)
    | keys.map("practitioner:{}".format),
    max_size=3,
).map(frozenset)
scopes = st.lists(keys.map(RecordKey), max_size=3, unique=True).map(tuple)
versions = st.builds(
    lambda at, number: Version(at, number).sort_key,
    moments.map(lambda moment: moment.replace("+00:00", "Z")),
    st.integers(0, 999_999_999),
)


def records_of(payload: type) -> st.SearchStrategy[PublishedRecord]:
    """Make every record with a payload of this kind, about one person or several."""
    return st.builds(
        PublishedRecord,
        key=keys.map(RecordKey),
        source=st.sampled_from(Source),
        category=st.sampled_from(Category),
        persons=st.lists(keys.map(PersonId), min_size=1, max_size=4, unique=True).map(tuple),
        version=versions,
        payload=PAYLOADS[payload],
        action=st.just(Action.UPSERT),
        labels=st.sets(st.sampled_from(Label)).map(frozenset),
        scopes=scopes,
        part_of=st.none() | keys.map(RecordKey),
        kept_to=kept_to,
        more=st.lists(
            st.builds(MoreAtSource, st.sampled_from(MoreKind), st.integers(1, 99)), max_size=3
        ).map(tuple),
    )


removals = st.builds(
    PublishedRecord,
    key=keys.map(RecordKey) | st.just(RecordKey("all")),
    source=st.sampled_from(Source),
    category=st.sampled_from(Category),
    persons=st.lists(keys.map(PersonId), min_size=1, max_size=2, unique=True).map(tuple),
    version=versions,
    payload=st.none(),
    action=st.just(Action.REMOVE),
    labels=st.sets(st.sampled_from(Label)).map(frozenset),
    scopes=scopes,
)
clearings = st.builds(
    PublishedRecord,
    key=keys.map(RecordKey),
    source=st.sampled_from(Source),
    category=st.sampled_from(Category),
    persons=keys.map(lambda key: (PersonId(key),)),
    version=versions,
    payload=st.none(),
    action=st.just(Action.CLEAR),
    scopes=scopes,
    keeps=scopes,
)
records = st.one_of(*(records_of(payload) for payload in PAYLOADS), removals, clearings)
