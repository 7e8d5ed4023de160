"""The demonstration's files: all readable, all invented, linked as the stories need it."""

import json
import re
from functools import cache
from typing import Any

import pytest

from connectors.ports import MessageReader
from connectors.publishing.ports import ToldSubject
from connectors.publishing.telling.links import told_of
from consent.circumstances import Channel, RefusalReason
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import DeciderKind, RelationshipGround, Response, RestrictionScope
from schemas.identifiers import NhsNumber, Upn
from schemas.records.message import SourceMessage, Subject
from schemas.records.payloads import Involvement, PersonDetails, Relationship, RelationshipKind
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Role, Source
from services.people.linking.facts import facts_from_subject
from services.people.linking.scoring import Band, score, shipped_weights
from tests.support.reading import DEMONSTRATION, csc, ctf, nems, outcomes, payloads

READERS: dict[str, MessageReader] = {"health-visiting": nems, "schools": ctf, "social-care": csc}
DRAMA_NUMBERS = re.compile(r"01632 960[0-9]{3}|07700 900[0-9]{3}")
LINKED_FAMILIES = 10


@cache
def messages() -> tuple[SourceMessage, ...]:
    """Everything that the demonstration's files hold."""
    found: list[SourceMessage] = []
    for folder, reader in READERS.items():
        for path in sorted((DEMONSTRATION / "families" / folder).iterdir()):
            for outcome in outcomes(reader, path.read_bytes()):
                assert isinstance(outcome, SourceMessage), (path.name, outcome)
                found.append(outcome)
    return tuple(found)


@cache
def document() -> dict[str, Any]:
    """demonstration.json."""
    return json.loads((DEMONSTRATION / "demonstration.json").read_text())


def subjects() -> list[tuple[Source, Subject]]:
    """Everybody in the files, once a message."""
    return [(message.source, subject) for message in messages() for subject in message.subjects]


def children_of(source: Source) -> dict[tuple[str | None, ...], set[str]]:
    """The numbers under which a source knows each name, birth date and postcode."""
    known: dict[tuple[str | None, ...], set[str]] = {}
    for found, subject in subjects():
        if found is source:
            d = subject.demographics
            who = (d.family_name, *d.given_names, d.date_of_birth, d.postcode)
            known.setdefault(who, set()).update(i.value for i in subject.identifiers)
    return known


def _is_jakub(subject: Subject) -> bool:
    return subject.demographics.given_names == ("Jakub",)


def _is_pupil(told: ToldSubject) -> bool:
    return any(i.scheme is IdentifierScheme.UPN for i in told.subject.identifiers)


def test_nothing_parks():
    """Every file is read, and there are enough of them."""
    assert {message.source for message in messages()} == {
        Source.HEALTH_VISITING,
        Source.SCHOOLS,
        Source.SOCIAL_CARE,
    }
    assert len(messages()) >= 35


def test_every_number_is_valid_and_of_the_test_ranges():
    """NHS numbers of 999, pupils of authority 999."""
    for _, subject in subjects():
        for identifier in subject.identifiers:
            assert identifier.is_verified
            if identifier.scheme is IdentifierScheme.NHS_NUMBER:
                assert NhsNumber(identifier.value).value.startswith("9990000")
            if identifier.scheme is IdentifierScheme.UPN:
                assert Upn(identifier.value).value[1:4] == "999"


def test_every_telephone_number_is_for_drama():
    """Ofcom keeps these ranges free."""
    texts = [path.read_text() for path in DEMONSTRATION.rglob("*") if path.is_file()]
    numbers = re.findall(r"\b0[0-9]{4} ?[0-9]{6}\b", " ".join(texts))

    assert len(numbers) >= 40
    assert all(DRAMA_NUMBERS.fullmatch(number) for number in numbers)


@pytest.mark.parametrize(
    ("family", "given", "sources"),
    [
        ("Okonkwo-Reed", "Temi", (Source.HEALTH_VISITING, Source.SCHOOLS)),
        ("Doyle", "Orla", (Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE)),
        ("Doyle", "Finn", (Source.HEALTH_VISITING, Source.SOCIAL_CARE)),
        ("Brennan", "Caitlin", (Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE)),
        ("Whitcombe", "George", (Source.HEALTH_VISITING, Source.SCHOOLS)),
        ("Adeyemi", "Tolu", (Source.SCHOOLS, Source.SOCIAL_CARE)),
        ("Kowalska", "Maja", (Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE)),
        ("Kowalski", "Jakub", (Source.HEALTH_VISITING, Source.SOCIAL_CARE)),
    ],
)
def test_child_of_several_sources_links(family: str, given: str, sources: tuple[Source, ...]):
    """By name, birth date and postcode that are the same everywhere."""
    known = [
        {who for who in children_of(source) if who[:2] == (family, given)} for source in sources
    ]

    assert set.intersection(*known)


def test_one_child_may_be_one_with_another():
    """Who waits for the data steward: a pupil at his mother's home, with a number of his own."""
    jakub = [told for m in messages() for told in told_of(m) if _is_jakub(told.subject)]
    taught = [facts_from_subject(t.subject, t.details, t.contact) for t in jakub if _is_pupil(t)]
    others = [facts_from_subject(t.subject, t.details) for t in jakub if not _is_pupil(t)]

    found = {score(one, other, shipped_weights()).band for one in taught for other in others}

    assert found == {Band.REVIEW}


def test_twins_differ_in_number_and_order_only():
    """The case that must not be joined."""
    twins = [d for m in messages() for d in payloads(m, PersonDetails) if d.multiple_birth_order]

    assert {twin.multiple_birth_order for twin in twins} == {1, 2}
    assert len({(twin.family_name, twin.date_of_birth) for twin in twins}) == 1
    assert {twin.given_names for twin in twins} == {("Amir",), ("Aisha",)}


def test_newborn_has_no_name_yet():
    """A name that stands in for one."""
    newborn = [s for _, s in subjects() if s.demographics.family_name == "Novak"]

    assert {s.demographics.given_names for s in newborn} == {(), ("Baby",), ("Petra",)}
    assert {
        s.demographics.placeholder_name for s in newborn if s.demographics.given_names != ("Petra",)
    } == {True}


def test_people_who_sign_in_appear_in_the_files():
    """The health visitor and the social worker have a case-load."""
    refs = {i.practitioner_ref for m in messages() for i in payloads(m, Involvement)}

    assert {p["worker_ref"] for p in document()["practitioners"]} - {None} <= refs


def test_description_uses_known_codes_only():
    """Categories, purposes, kinds: none of its own."""
    agencies = {agency["code"]: Source(agency["kind"]) for agency in document()["agencies"]}
    for person in document()["practitioners"]:
        assert person["agency"] in agencies
        Role(person["role"])
        Purpose(person["default_purpose"])
    for decision in document()["decisions"]:
        Response(decision["response"])
        Basis(decision["basis"])
        DeciderKind(decision["decided_by"]["kind"])
        assert set(map(Category, decision["categories"]))
        assert set(map(Purpose, decision["purposes"]))
        assert set(map(Source, decision["recipients"] + decision.get("sources", [])))
        told = decision.get("told", {})
        assert told.get("because", "not-said") in set(RefusalReason)
        assert told.get("channel", "paper") in set(Channel)
        assert told.get("article_9", "art-9-2-a") in set(Article9)
        assert set(told.get("gateways", [])) <= set(Gateway)
    assert {RestrictionScope(r["scope"]) for r in document()["restrictions"]}
    assert {RelationshipGround(r["ground"]) for r in document()["relationships"]}


def test_everybody_described_is_in_the_files():
    """With the number and the birth date given there."""
    known = {
        (i.scheme.value, i.value, s.demographics.date_of_birth)
        for _, s in subjects()
        for i in s.identifiers
    }
    described = [subject for part in document()["decisions"] for subject in part["subjects"]] + [
        part["subject"]
        for name in ("restrictions", "relationships", "stories")
        for part in document()[name]
    ]

    for subject in described:
        assert (subject["scheme"], subject["value"], subject["date_of_birth"]) in known


def test_every_situation_is_there():
    """Ten families; refusal, withdrawal, a young person's own decision, a restriction."""
    decisions = document()["decisions"]

    assert len({decision["family"] for decision in decisions}) == LINKED_FAMILIES
    assert any(decision["withdraw"] for decision in decisions)
    assert any(d["response"] == "refused" and d.get("sources") == ["schools"] for d in decisions)
    assert any(d["decided_by"]["kind"] == "young-person" for d in decisions)
    assert document()["restrictions"]


def test_families_are_not_all_of_one_kind():
    """A child of two homes, one who is not born yet, one with a foster carer."""
    relationships = [r for m in messages() for r in payloads(m, Relationship)]
    details = [d for m in messages() for d in payloads(m, PersonDetails)]

    assert any(r.addresses and not r.same_household for r in relationships)
    assert any(d.expected_date_of_birth and not d.date_of_birth for d in details)
    assert RelationshipKind.FOSTER_CARER in {r.kind for r in relationships}
