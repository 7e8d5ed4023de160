"""What is taken out of a record before it is handed over, and how it is written after."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from lxml import html

from consent.lawfulness import Basis
from schemas.identifiers import PersonId, RecordKey, nhs_number_identifier
from schemas.records.payloads import (
    Address,
    Coding,
    CommunicationNeeds,
    ContactDetails,
    FactStatus,
    HelpWanted,
    Involvement,
    NextStep,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    PersonDetails,
    Plan,
    Relationship,
    RelationshipKind,
    StoryConfirmation,
    StoryEntry,
    Telecom,
    WrittenHere,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.interfaces.subject_access.bundle import DecisionKeeper, bundle_from_report
from services.interfaces.subject_access.held import (
    GivenTo,
    HeldDecision,
    HeldFacts,
    HeldIdentifier,
    HeldRecord,
    HeldRestriction,
    KeptWhere,
    LookTaken,
    SubjectAccess,
    WaitingMessages,
    WhyWithheld,
)
from services.interfaces.subject_access.page import page_from_report
from services.interfaces.subject_access.telling import lines_of
from services.interfaces.subject_access.withholding import redacted
from services.people.linking.facts import LinkFacts
from tests.support.builders import CHILD, MOTHER_ID, NOW, a_permit, a_restriction
from tests.support.portal.readability import AGE_NINE, reading_year, sentences_of, too_hard
from tests.support.subject_access import KEEPER

_PLACE = Address(("1 Long Lane",), "NF1 1AA", Period("2024-01-01"), "father's home")
_MOTHER_OF = Relationship(
    RelationshipKind.MOTHER,
    "Leanne Wren",
    (Telecom("phone", "01632 960000"),),
    has_responsibility=True,
    same_household=True,
    contact_order=1,
    languages=("pl",),
    addresses=(_PLACE,),
)
_STORY = StoryEntry("We moved.", "Leanne", "Sam Reed", "2026-02-02T10:00:00Z", with_whom="Gran")
_SAM = WrittenHere("Sam Reed, family hub worker", "2026-02-02T10:00:00Z", "ab" * 16)
_WANTED = HelpWanted("Sleep", _SAM, "Gran", FactStatus.UNDER_WAY, "2026-02-03")
_STEP = NextStep("Ring them", "Gran", _SAM, "2026-03-01", "cd" * 16, FactStatus.ENDED, "2026-02-09")
_FACTS = LinkFacts(frozenset({"AVA"}), frozenset({"WREN"}), "2024-05-03")
PAYLOADS: tuple[Payload, ...] = (
    PersonDetails("Wren", ("Ava",), "Avie", "2024-05-03", "female", former_names=("Ava Hill",)),
    ContactDetails((_PLACE,), (Telecom("email", "ava@example.org"),)),
    CommunicationNeeds(("pl",), True, ("large print",)),
    _MOTHER_OF,
    Involvement("Health visiting", "RY4", "Trust", "East", "Amara Okafor", "w1", "HV", "01632"),
    Occurrence(
        OccurrenceKind.REVIEW,
        "Review",
        Period("2026-01-01", "2026-01-02"),
        Coding("urn:x", "1", "One"),
        outcome="well",
        details=(("Weight", "3 kg"),),
    ),
    Plan("ehc", "EHC plan", Period("2026-01-01"), "School", "01632 1", "01632 2"),
    _STORY,
    StoryConfirmation(("ab" * 32,), "Leanne", "Sam Reed", "2026-02-10T10:00:00Z"),
    _WANTED,
    _STEP,
)


def a_published(payload: Payload, *persons: PersonId) -> PublishedRecord:
    """Build a record of the child."""
    return PublishedRecord(
        key=RecordKey("ab" * 16),
        source=Source.HEALTH_VISITING,
        category=Category.CHILD_HEALTH,
        persons=persons or (CHILD,),
        version="2026-01-01T00:00:00Z/000000001",
        payload=payload,
    )


def a_report(**more: Any) -> SubjectAccess:
    """Build a report with something in every section."""
    told = [redacted(a_published(p), CHILD) for p in PAYLOADS]
    place = (RecordKey("ab" * 16), Source.HEALTH_VISITING, Category.CHILD_HEALTH, "2026-01-01")
    hidden = HeldRecord(*place, (), None, (WhyWithheld.THIRD_PARTY, WhyWithheld.RESTRICTED))
    seen = (Category.STORY,)
    look = LookTaken(NOW, "Amara Okafor", "Trust", "direct-care", True, seen)
    number = nhs_number_identifier("9990000018")
    made = SubjectAccess(
        report="019a0000-0000-7000-8000-000000000000",
        person=CHILD,
        known_by=(CHILD,),
        given_to=GivenTo.PERSON,
        made_at=NOW,
        records=(
            *(HeldRecord(*place, (Basis.CONSENT,), r, (), parts) for r, parts in told),
            hidden,
        ),
        decisions=(
            HeldDecision(a_permit(), others=1),
            HeldDecision(None, withheld=WhyWithheld.NOT_FOR_PARENTS),
        ),
        restrictions=(
            HeldRestriction(a_restriction(lifted_at=NOW)),
            HeldRestriction(None, WhyWithheld.RESTRICTED),
        ),
        identifiers=(
            HeldIdentifier(Source.SCHOOLS, number, NOW, NOW),
            HeldIdentifier(Source.SCHOOLS, number, NOW, None, WhyWithheld.RESTRICTED),
        ),
        looks=(look, replace(look, through="ehr"), replace(look, withheld=WhyWithheld.RESTRICTED)),
        kept_back=(WaitingMessages(Source.SCHOOLS, KeptWhere.OWNER, 2, NOW),),
        waiting=(hidden,),
        facts=(
            HeldFacts(Source.SCHOOLS, NOW, _FACTS),
            HeldFacts(Source.SCHOOLS, NOW, None, WhyWithheld.RESTRICTED),
        ),
    )
    return replace(made, **more)


def test_of_a_relative_only_who_they_are_to_the_child_is_left():
    """Everything else of theirs is named as taken out."""
    record, parts = redacted(a_published(_MOTHER_OF, CHILD, MOTHER_ID), CHILD)

    assert record is not None
    assert record.persons == (CHILD,)
    assert record.payload == Relationship(
        RelationshipKind.MOTHER, has_responsibility=True, contact_order=1
    )
    assert parts == ("name", "telecoms", "languages", "addresses", "same_household")


def test_of_a_childs_record_a_relative_is_told_what_is_said_of_them():
    """Whose child it is is taken out, and whether they live together."""
    record, parts = redacted(a_published(_MOTHER_OF, CHILD, MOTHER_ID), MOTHER_ID)

    assert record is not None
    assert record.persons == (MOTHER_ID,)
    assert record.payload == replace(_MOTHER_OF, same_household=None)
    assert parts == ("child", "same_household")


def test_who_told_the_story_is_taken_out_and_its_words_stay():
    """Of an entry and of a confirmation."""
    entry, parts = redacted(a_published(_STORY), CHILD)

    assert entry is not None
    assert entry.payload == replace(_STORY, told_by="withheld", with_whom=None)
    assert parts == ("told_by", "with_whom")


def test_who_helps_is_taken_out_and_what_is_wanted_stays():
    """It may be anybody of the family."""
    wanted, helper = redacted(a_published(_WANTED), CHILD)
    step, who = redacted(a_published(_STEP), CHILD)
    alone, nothing = redacted(a_published(replace(_WANTED, helper=None)), CHILD)

    assert wanted is not None
    assert wanted.payload == replace(_WANTED, helper="withheld")
    assert step is not None
    assert step.payload == replace(_STEP, who="withheld")
    assert (helper, who, nothing) == (("helper",), ("who",), ())
    assert alone is not None


def test_what_is_about_two_together_is_not_told():
    """It cannot be taken apart."""
    assert redacted(a_published(PAYLOADS[5], CHILD, MOTHER_ID), CHILD) == (None, ())


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: type(p).__name__)
def test_a_record_in_words_leaves_nothing_out(payload: Payload):
    """Every text in it stands in a line."""
    lines = lines_of(payload)

    written = " ".join(f"{label} {words}" for label, words in lines)
    assert all(words for _, words in lines)
    assert [text for text in _texts(payload) if text not in written] == []


def test_the_bundle_is_valid_and_marks_what_is_not_there():
    """Each in its place, with its reason; no reference leads to anybody else."""
    bundle = bundle_from_report(a_report(), KEEPER)

    get_fhir_model_class("Bundle").model_validate(bundle)

    text = str(bundle)
    assert {"third-party", "restricted", "not-for-parents"} <= set(
        re.findall(r"'valueCode': '([a-z-]+)'", text)
    )
    assert text.count("REDACTED") >= 6
    assert MOTHER_ID not in text
    assert len({e["fullUrl"] for e in bundle["entry"]}) == len(bundle["entry"])


def test_the_page_says_everything_and_marks_what_is_not_there():
    """Number, record, decision, look; each reason in words."""
    page = page_from_report(a_report(), council="Exbury Council")

    for wanted in ("9990000018", "We moved.", "3 kg", "Amara Okafor", "screens of ehr", "WREN"):
        assert wanted in page
    for reason in (WhyWithheld.THIRD_PARTY, WhyWithheld.RESTRICTED, WhyWithheld.NOT_FOR_PARENTS):
        assert reason.label in page
    assert "Leanne" not in page


def test_the_page_says_a_death_before_all_else_unless_that_is_withheld():
    """Whoever gives the report to somebody has to know."""
    died = a_published(PersonDetails(died="2025-12-24"))
    told = HeldRecord(died.key, died.source, died.category, "2026-01-01", (), died)
    withheld = replace(told, record=None, withheld=(WhyWithheld.RESTRICTED,))
    died_too = replace(died, payload=PersonDetails(has_died=True, death_contradicted=True))
    reported = replace(told, record=replace(died_too, key=RecordKey("cd" * 16)))

    pages = [
        page_from_report(a_report(records=records), council="Exbury Council")
        for records in ((told,), (told, reported), (withheld,))
    ]

    assert pages[0].index("Has died: 2025-12-24.") < pages[0].index("Numbers")
    assert pages[1].index("A death is reported") < pages[1].index("Numbers")
    assert "died" not in pages[2].partition("<body")[2].partition("Numbers")[0]


def test_what_somebody_wrote_is_never_read_as_the_pages_own():
    """Marks that a browser would act on are written out."""
    entry = replace(_STORY, text="<script>alert(1)</script>")
    record, parts = redacted(a_published(entry), CHILD)
    (held, *_) = a_report().records

    page = page_from_report(
        a_report(records=(replace(held, record=record, parts_withheld=parts),)), council="<b>"
    )

    assert "<script" not in page
    assert "<b>" not in page


@pytest.mark.parametrize("to", GivenTo)
def test_a_report_can_be_read_at_nine(to: GivenTo):
    """Full or empty; none of our own sentences in it is for a lawyer."""
    nothing: dict[str, Any] = {"records": (), "decisions": (), "looks": (), "facts": ()}

    reports = (a_report(given_to=to), a_report(given_to=to, **nothing))

    for report in reports:
        page = html.document_fromstring(page_from_report(report, council="Exbury Council"))
        assert too_hard(page, AGE_NINE) == []
        note = page.find_class("note")[0]
        assert reading_year(sentences_of(note)) <= AGE_NINE


def test_an_empty_report_is_a_report():
    """Nothing is held, and that is said."""
    nothing: dict[str, Any] = dict.fromkeys(
        (
            *("records", "decisions", "restrictions", "identifiers", "looks"),
            *("kept_back", "waiting", "facts"),
        ),
        (),
    )
    report = a_report(**nothing, is_erased=True)

    page = page_from_report(report, council="Exbury Council")

    get_fhir_model_class("Bundle").model_validate(
        bundle_from_report(report, DecisionKeeper("o/1", "u:x"))
    )
    assert "The shared profile holds no record." in page
    assert "was destroyed" in page


def _texts(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [text for item in value for text in _texts(item)]
    if hasattr(value, "__dataclass_fields__"):
        return [t for name in value.__dataclass_fields__ for t in _texts(getattr(value, name))]
    return [value] if isinstance(value, str) and value and value is not FactStatus.HOLDS else []
