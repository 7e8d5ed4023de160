"""What a connector says that it did not use makes no difference, and nothing else is left out."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from lxml import etree

from connectors.parsing.safe_xml import Element
from connectors.schools.files import read_schools
from connectors.social_care.census.child import READ
from connectors.social_care.files import read_social_care
from schemas.records.message import SourceMessage
from schemas.records.unused import MoreAtSource, MoreKind, UnusedPart, WhyUnused
from tests.support.builders import NOW
from tests.support.messages.cin import a_case, a_census_child, an_assessment, census
from tests.support.messages.csc import a_child, a_child_details, an_episode, csc
from tests.support.messages.ctf import APupil, ctf
from tests.support.messages.nems import APerson, concept, maybe, part, reference, resource
from tests.support.messages.nems_messages import professional_contact, vaccination
from tests.support.reading import DEMONSTRATION, SAMPLES, nems, outcomes, the_message

FHIR = "{http://hl7.org/fhir}"
HEALTH = DEMONSTRATION / "families" / "health-visiting"
_KINDS_OF_EVENT = (
    "brennan-caitlin-birth",
    "hussain-aisha-mmr-not-given",
    "hussain-aisha-review",
    "novak-newborn-examination",
    "okonkwo-reed-temi-practice",
    "doyle-finn-moved",
)
schools = partial(read_schools, received_at=NOW)
social_care = partial(read_social_care, received_at=NOW)
Reader = Callable[[BytesIO], Iterator[Any]]


def told(message: object) -> object:
    """What is told of somebody: subjects and records, but for what more there is."""
    if not isinstance(message, SourceMessage):
        return None
    return message.subjects, tuple(replace(record, more=()) for record in message.records)


def only(reader: Reader, content: bytes) -> SourceMessage:
    """The first message of a file."""
    found = next(iter(reader(BytesIO(content)))).outcome
    assert isinstance(found, SourceMessage), found
    return found


def added(content: bytes, *entries: tuple[str, Element]) -> bytes:
    """A NEMS message with more resources in it."""
    bundle = etree.fromstring(content)
    for key, one in entries:
        holder = part("resource", one)
        bundle.append(part("entry", part("fullUrl", value=f"urn:uuid:{key}"), holder))
    return etree.tostring(bundle)


# Health visiting: by resource and why, single elements, written words.


def test_each_resource_that_became_no_record_is_counted_with_why():
    """A kind that nobody reads, of another person, entered in error, and what nothing refers to."""
    other = APerson(key="mother", nhs_number="9990000026")
    plan = resource("CarePlan", "plan", part("status", value="active"), reference("subject", "x"))
    wrong = resource("Observation", "w", part("status", value="entered-in-error"))
    loose = resource("Observation", "l", concept("code", "1", "A thing"), maybe("status", "final"))
    hers = resource("Observation", "h", reference("subject", "mother"))
    her_plan = resource("CarePlan", "hp", reference("subject", "mother"))
    more = (plan, wrong, loose, hers, her_plan, ("mother", _patient(other)))
    content = added(vaccination(), *more)
    content = content.replace(b"urn:uuid:mother", b"urn:mother")

    unused = the_message(nems, _pointing(content, b"mother")).unused

    assert set(unused.parts) == {
        UnusedPart("CarePlan", WhyUnused.ANOTHER_PERSON),
        UnusedPart("CarePlan", WhyUnused.KIND_NOT_READ),
        UnusedPart("Observation", WhyUnused.ANOTHER_PERSON),
        UnusedPart("Observation", WhyUnused.ENTERED_IN_ERROR),
        UnusedPart("Observation", WhyUnused.NOT_REFERENCED),
        UnusedPart("Patient", WhyUnused.ANOTHER_PERSON),
    }
    assert unused.more == (MoreAtSource(MoreKind.PLAN), MoreAtSource(MoreKind.FINDING))


def _patient(person: APerson) -> Element:
    return part("Patient", part("name", maybe("family", person.family)))


def _pointing(content: bytes, key: bytes) -> bytes:
    """Let the resource under this key be found by what refers to it."""
    bundle = etree.fromstring(content)
    for entry in bundle.iterfind(f"{FHIR}entry"):
        if entry.find(f"{FHIR}resource/{FHIR}Patient") is not None:
            url = entry.find(f"{FHIR}fullUrl")
            if url is not None and url.get("value", "").endswith(key.decode()):
                wanted = bundle.find(f".//{FHIR}Observation/{FHIR}subject/{FHIR}reference")
                assert wanted is not None
                url.set("value", wanted.get("value"))
    return etree.tostring(bundle)


def test_written_words_are_counted_unless_a_record_says_them():
    """A note, a comment, an answer in words; not a number, nor what is shown."""
    content = vaccination().replace(
        b"</Immunization>",
        b'<note><text value="Cried a little"/></note>'
        b'<note><text value="Measles mumps and rubella vaccination - second dose"/></note>'
        b"</Immunization>",
    )

    unused = the_message(nems, content).unused

    assert unused.free_texts == 1
    assert unused.more == (MoreAtSource(MoreKind.NOTE),)
    assert not any("note" in name for name in unused.fields)


def test_a_narrative_counts_where_it_says_more_than_the_rest():
    """Generated ones repeat what is coded beside them. Source: FHIR STU3, NarrativeStatus."""
    stated = b'<Immunization><text><status value="%b"/></text>'

    said = {
        status: the_message(
            nems, vaccination().replace(b"<Immunization>", stated % status)
        ).unused.free_texts
        for status in (b"generated", b"additional")
    }

    assert said == {b"generated": 0, b"additional": 1}


def test_what_more_there_is_is_told_with_what_the_message_is_about():
    """With one record, the last about the child alone; with a removal nothing is."""
    plan = resource("CarePlan", "plan", part("status", value="active"))

    records = the_message(nems, added(professional_contact(), plan)).records
    removed = professional_contact().replace(b'code value="new"', b'code value="delete"')
    taken_back = the_message(nems, added(removed, plan))

    more = (MoreAtSource(MoreKind.PLAN),)
    assert [record.more for record in records] == [(), (), more]
    assert {record.more for record in taken_back.records} == {()}
    assert taken_back.unused.parts == ()


@pytest.mark.parametrize("name", _KINDS_OF_EVENT)
def test_whatever_is_told_as_not_used_makes_no_difference_in_a_message_of_health_visiting(
    name: str,
):
    """Each element is changed in turn: what changes a record is among what was used."""
    content = (HEALTH / f"{name}.xml").read_bytes()
    message = the_message(nems, content)
    whole = {p.part for p in message.unused.parts}
    bundle = etree.fromstring(content)
    changing = set()
    for element in bundle.iter(f"{FHIR}*"):
        path = _path_of(element)
        if path is None or element.get("value") is None:
            continue
        before = element.get("value", "")
        element.set("value", f"{before}x")
        if told(outcomes(nems, etree.tostring(bundle))[0]) != told(message):
            changing.add(path)
        element.set("value", before)

    assert changing
    assert not changing & set(message.unused.fields)
    assert not {p for p in changing if p.partition(".")[0] in whole} - _also_used(message, bundle)


def _also_used(message: SourceMessage, bundle: Element) -> set[str]:
    """Paths in types of which others than those that were not used stand in the message."""
    counts = {p.part: 0 for p in message.unused.parts}
    for one in message.unused.parts:
        counts[one.part] += one.count
    there = {
        kind: len(bundle.findall(f"{FHIR}entry/{FHIR}resource/{FHIR}{kind}")) for kind in counts
    }
    mixed = {kind for kind, count in counts.items() if there[kind] > count}
    return {p for e in bundle.iter() if (p := _path_of(e)) and p.partition(".")[0] in mixed}


def _path_of(element: Element) -> str | None:
    """As the connector names it; None outside of resources, and in the header."""
    names: list[str] = []
    while element is not None and element.tag != f"{FHIR}resource":
        name = etree.QName(element).localname
        if name == "extension":
            name = f"extension[{(element.get('url') or '').rpartition('/')[2]}]"
        names.append(name)
        element = element.getparent()
    if element is None or not names or names[-1] == "MessageHeader":
        return None
    return ".".join(reversed(names))


def test_what_can_be_no_name_is_not_repeated_and_there_is_an_end():
    """Whoever writes a message can write a child's life into the names of its elements."""
    lie = b'<extension url="https://x.example/Edie lives at 1 Test Lane"><valueCode value="1"/>'
    many = b"".join(b'<e%d value="1"/>' % number for number in range(300))
    content = vaccination().replace(b"</Immunization>", lie + b"</extension></Immunization>")
    endless = vaccination().replace(b"</Immunization>", many + b"</Immunization>")

    fields = the_message(nems, content).unused.fields

    assert "…" in fields
    assert "Lane" not in str(fields)
    assert len(the_message(nems, endless).unused.fields) == 201


# Schools and social care: by the paths of their own formats.


def test_what_nobody_asks_of_a_pupil_is_named_by_its_path():
    """A flag that says no says that there is nothing more."""
    pupil = _with_basics(ctf(APupil()), MedicalFlag="true", Ethnicity="WBRI", Notes="Likes maps")
    without = _with_basics(ctf(APupil()), MedicalFlag="false")

    unused = only(schools, pupil).unused

    basics = "Pupil/BasicDetails"
    assert set(unused.fields) >= {f"{basics}/{x}" for x in ("MedicalFlag", "Ethnicity", "Notes")}
    assert unused.more == (MoreAtSource(MoreKind.CONDITION), MoreAtSource(MoreKind.NOTE))
    assert unused.free_texts == 1
    assert only(schools, without).unused.more == ()


def test_what_stands_there_twice_is_told_the_second_time():
    """Only the first is read; elements, and what is in them."""
    once = ctf(APupil())
    twice = once.replace(b"</Surname>", b"</Surname><Surname>Marlowe</Surname>", 1)
    more = b"<BasicDetails><MiddleNames>Ann</MiddleNames></BasicDetails></Pupil>"

    fields = only(schools, twice.replace(b"</Pupil>", more)).unused.fields

    assert only(schools, once).unused.fields == ()
    assert {"Pupil/Surname", "Pupil/BasicDetails/MiddleNames"} <= set(fields)


def _with_basics(content: bytes, **texts: str) -> bytes:
    root = etree.fromstring(content)
    basics = root.find(".//BasicDetails")
    assert basics is not None
    for name, text in texts.items():
        etree.SubElement(basics, name).text = text
    return etree.tostring(root)


def test_what_nobody_reads_of_a_class_list_is_named_by_its_column():
    """A heading may hold anything: only what can be a name is told."""
    head = "CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH,MEDICAL_NOTES,About Edie: ring,X"
    content = f"{head}\nEdie,Marlow,2019-03-05,Asthma,her gran,\n".encode()

    message = only(schools, content)

    assert message.unused.fields == ("class-list/MEDICAL_NOTES", "class-list/…")
    assert message.unused.more == (MoreAtSource(MoreKind.NOTE),)
    assert [r.more for r in message.records if r.more] == [message.unused.more]


def test_what_nobody_asks_of_a_childs_payload_is_named_by_its_path():
    """A name that is none is not repeated, whatever it says; what is empty says nothing."""
    child = a_child(
        child_details=a_child_details(ethnicity="WBRI", former_unique_pupil_number=""),
        health_and_wellbeing={"sdq_assessments": [{"date": "2026-01-01", "score": 20}]},
        **{"Edie likes dogs!": True},
    )

    unused = only(social_care, csc(child)).unused

    assert {"child_details.ethnicity", "health_and_wellbeing", "…"} <= set(unused.fields)
    assert "child_details.former_unique_pupil_number" not in unused.fields
    assert unused.more == (MoreAtSource(MoreKind.FINDING),)


def test_whatever_is_told_as_not_used_makes_no_difference_in_files():
    """Each text is changed in turn, in a transfer file, a payload and a census."""
    pupil = _with_basics(ctf(APupil(languages=(("ENG", "H"),))), Ethnicity="WBRI")
    school = (DEMONSTRATION / "families" / "schools" / "hillview-academy.xml").read_bytes()
    for content in (pupil, school):
        _check(schools, content, _changed_xml(content, "CTFpupilData/Pupil"))
    child = a_child(
        child_details=a_child_details(ethnicity="WBRI"),
        social_care_episodes=[an_episode(care_worker_details=[{"worker_id": "W1"}])],
    )
    _check(social_care, csc(child), _changed_json(child))


def _check(reader: Reader, content: bytes, changed: Iterator[tuple[str, bytes]]) -> None:
    message, different, asked = only(reader, content), set(), set()
    for path, variant in changed:
        asked.add(path)
        if told(next(iter(reader(BytesIO(variant)))).outcome) != told(message):
            different.add(path)
    assert different
    for path in different:
        assert not any(f"{path}.".startswith(f"{name}.") for name in message.unused.fields)
    assert {name for name in message.unused.fields if "." not in name} <= asked


def _changed_xml(content: bytes, first: str) -> Iterator[tuple[str, bytes]]:
    root = etree.fromstring(content)
    pupil = root.find(first)
    assert pupil is not None
    for element in pupil.iter("*"):
        if len(element) or not (element.text or "").strip():
            continue
        before, names, above = element.text, [], element
        while above is not pupil:
            names.append(above.tag)
            above = above.getparent()
        element.text = f"{before}9"
        yield "/".join([pupil.tag, *reversed(names)]), etree.tostring(root)
        element.text = before


def _changed_json(child: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    for path, holder in list(_holders(child, ())):
        changed = copy.deepcopy(child)
        place: Any = changed
        for step in holder:
            place = place[step]
        name = path.rpartition(".")[2]
        place[name] = f"{place[name]}9" if isinstance(place[name], str) else "9"
        yield path, csc(json.loads(json.dumps(changed)))


def _holders(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if isinstance(value, list):
        for n, one in enumerate(value):
            yield from _holders(one, (*at, n))
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, (dict, list)):
                yield from _holders(one, (*at, name))
            else:
                said = ".".join(str(step) for step in (*at, name) if not isinstance(step, int))
                yield said, at


def test_every_element_of_a_census_that_is_said_to_be_read_makes_a_difference():
    """And none of the others does: the one list of what is read cannot go another way."""
    sample = SAMPLES / "social-care" / "CIN_Census_2026.xml"
    enquiry = "<Section47><S47ActualStartDate>2025-10-09</S47ActualStartDate>%s</Section47>"
    plan = "<ChildProtectionPlans><CPPstartDate>2025-11-01</CPPstartDate>%s</ChildProtectionPlans>"
    items = (
        an_assessment(),
        enquiry % "<ICPCnotRequired>true</ICPCnotRequired>",
        plan % "<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>",
    )
    numbers = "<UPN>T999200119011</UPN><UPNunknown>UN1</UPNunknown>"
    stopped = a_case(*items).replace("<ReferralNFA>0", "<ReferralNFA>1")
    contents = [census(a_census_child(stopped, identifiers=numbers))]
    contents += [sample.read_bytes()] if sample.is_file() else []
    seen: dict[str, bool] = {}
    for content in contents:
        before = [told(one) for one in outcomes(social_care, content)]
        root = etree.fromstring(content)
        for element in root.iterfind(".//Children//*"):
            if len(element) or not (element.text or "").strip():
                continue
            text = element.text
            for other in (f"{text}9", None):
                element.text = other
                after = [told(one) for one in outcomes(social_care, etree.tostring(root))]
                seen[element.tag] = seen.get(element.tag, False) or after != before
            element.text = text

    assert {tag for tag, differs in seen.items() if differs} <= READ
    if sample.is_file():
        assert {tag for tag in seen if tag in READ and not seen[tag]} == set()
