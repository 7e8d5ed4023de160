"""Records of one family as they are opened from the store; ask only for what matters."""

from hypothesis import strategies as st

from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Address, ContactDetails, Payload, Relationship
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from tests.support.payload_strategies import PAYLOADS

CHILD, MOTHER, FATHER, SIBLING, STRANGER = (
    PersonId(n * 16) for n in ("c0", "a0", "f0", "c1", "d0")
)
TODAY = "2026-03-02"
A_DAY = "2026-01-01"


def a_record(
    payload: Payload,
    *others: PersonId,
    person: PersonId = CHILD,
    source: Source = Source.HEALTH_VISITING,
    key: str = "k",
    version: str = f"{A_DAY}/1",
) -> PublishedRecord:
    """Build a record of the child as it is opened from the store."""
    category = Category.CHILD_HEALTH
    return PublishedRecord(RecordKey(key), source, category, (person, *others), version, payload)


def lives_at(line: str, *, use: str = "home", postcode: str | None = None) -> ContactDetails:
    """Build contact details of one address."""
    return ContactDetails((Address((line,), postcode, use=use),))


def a_tie(
    relationship: Relationship, other: PersonId, *, of: PersonId = CHILD, key: str = "tie"
) -> PublishedRecord:
    """Build a relationship between two known persons."""
    return a_record(relationship, other, person=of, key=f"{key}/{of}/{other}")


# A version says one thing: the same record in the same version has the same content.
worlds = st.lists(
    st.builds(
        PublishedRecord,
        key=st.sampled_from("klm").map(RecordKey),
        source=st.sampled_from([Source.HEALTH_VISITING, Source.SCHOOLS]),
        category=st.sampled_from([Category.CHILD_HEALTH, Category.STORY]),
        persons=st.sampled_from([(CHILD,), (MOTHER,), (CHILD, MOTHER), (SIBLING, MOTHER)]),
        version=st.sampled_from(["2026-01-01/1", "2026-01-02/1", "2026-01-02/2"]),
        payload=st.one_of(*PAYLOADS.values()),
    ),
    max_size=8,
    unique_by=lambda r: (r.source, r.key, r.persons[0], r.version),
)
