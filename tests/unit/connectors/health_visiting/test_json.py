"""A message in JSON is the same message as in XML, and as carefully opened."""

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.parsing import limits
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_json import as_json
from tests.support.messages.nems_messages import ATest, professional_contact, screening, vaccination
from tests.support.messages.nems_pds import (
    birth_notification,
    change_of_address,
    change_of_gp,
    death_notification,
    record_change,
)
from tests.support.reading import SAMPLES, nems, outcomes, received, the_message, the_refusal

PERSON = APerson(language="Polish", interpreter=True, telephone="01632 960111", birth_order="2")
BORN_AT = replace(PERSON, birth_time="2024-03-05T04:10:00+00:00")
MESSAGES = (
    professional_contact(PERSON),
    professional_contact(BORN_AT, AHeader(event_type="delete")),
    vaccination(PERSON),
    vaccination(PERSON, given=False),
    screening(
        None,
        AHeader(event="newborn-hearing-1"),
        tests=(ATest(("417491009", "Neonatal hearing test"), ("164059009", "Normal")),),
        summary=ATest(("276771000000107", "Summary"), ("1", "Clear response")),
    ),
    change_of_gp(APerson()),
    change_of_address(APerson()),
    record_change(APerson()),
    death_notification(replace(PERSON, died="2026-09-01", death_status="1")),
    birth_notification(BORN_AT, APerson(nhs_number="9990000026", born="1990-01-01")),
)
CONTACT = as_json(MESSAGES[0])
COLLECTION = CONTACT.replace(b'"type": "message"', b'"type": "collection"')
FOLDER = SAMPLES / "health-visiting-nems"


@settings(deadline=None, max_examples=60)
@given(text=st.sampled_from(MESSAGES), seed=st.integers(0, 2**32))
def test_json_says_what_xml_says(text: bytes, seed: int):
    """In whatever order the names of an object stand, the message id included."""
    random = Random(seed)
    written = as_json(text, shuffle=lambda names: random.sample(names, len(names)))

    assert the_message(nems, written) == the_message(nems, text)


@settings(deadline=None, max_examples=60)
@given(text=st.sampled_from(MESSAGES), data=st.data())
def test_what_parks_in_xml_parks_in_json(text: bytes, data: st.DataObject):
    """For the same reason: whatever value is put in, or element left out."""
    root = etree.fromstring(text)
    elements = [element for element in root.iter() if "value" in element.attrib]
    victim = data.draw(st.sampled_from(elements))
    if data.draw(st.booleans()):
        victim.set("value", data.draw(st.text("0129-:TZab", min_size=1, max_size=12)))
    else:
        victim.getparent().remove(victim)
    damaged = etree.tostring(root)

    assert outcomes(nems, as_json(damaged)) == outcomes(nems, damaged)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared samples are not here")
def test_every_nhs_example_reads_the_same_in_json():
    """All 25, those that contradict themselves included."""
    for path in FOLDER.glob("*.xml"):
        text = path.read_bytes()
        assert outcomes(nems, as_json(text)) == outcomes(nems, text), path.name


def deep(levels: int) -> bytes:
    """A bundle with objects inside one another."""
    return b'{"resourceType":"Bundle"' + b',"a":{"b":"c"' * levels + b"}" * (levels + 1)


def wide(count: int) -> bytes:
    """A bundle with so many extensions."""
    one = {"url": "https://example.test/a", "valueString": "b"}
    return json.dumps({"resourceType": "Bundle", "extension": [one] * count}).encode()


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (b"{", "Bundle", "not-json"),
        (b"{}", "Bundle", "wrong-root"),
        (b"[]", "Bundle", "wrong-root"),
        (b"[" + CONTACT + b"]", "Bundle", "wrong-root"),
        (b'{"resourceType": "Patient"}', "Bundle", "wrong-root"),
        (b'{"resourceType": 3}', "Bundle", "not-fhir"),
        (b'{"resourceType": {"Bundle": []}}', "Bundle", "not-fhir"),
        (b'{"resourceType": "Bundle", "type": [["message"]]}', "Bundle", "not-fhir"),
        (b'{"resourceType": "Bundle", "type": NaN}', "Bundle", "not-a-number"),
        (b'{"resourceType": "Bundle", "total": -Infinity}', "Bundle", "not-a-number"),
        (COLLECTION, "Bundle.type", "not-a-message"),
        (CONTACT.replace(b"{", b'{"id": "1", "id": "2", ', 1), "Bundle", "duplicate-key"),
        (CONTACT.replace(b"Marlow", b"Mar\xfflow"), "Bundle", "not-utf-8"),
        (CONTACT.replace(b"Marlow", b"Mar\\u0000low"), "Bundle", "not-text"),
        (CONTACT.replace(b"Marlow", b"Mar\\ud800low"), "Bundle", "not-text"),
        (CONTACT[: len(CONTACT) // 2], "Bundle", "not-json"),
        (CONTACT.decode().encode("utf-16"), "Bundle", "not-xml"),
        (CONTACT + b" " * limits.NEMS_MESSAGE_BYTES, "Bundle", "too-large"),
        (deep(limits.NESTING), "Bundle", "too-deep"),
        (deep(100_000), "Bundle", "too-deep"),
        (wide(limits.NEMS_ELEMENTS), "Bundle", "too-many-elements"),
    ],
)  # fmt: skip
def test_what_is_no_message_parks(text: bytes, field: str, reason: str):
    """One refusal, and the bytes kept show the same again."""
    assert the_refusal(nems, text) == (field, reason)

    (one,) = received(nems, text)
    assert the_refusal(nems, one.raw()) == (field, reason)


def test_byte_order_mark_is_tolerated():
    """Some senders write one."""
    assert the_message(nems, b"\xef\xbb\xbf " + CONTACT) == the_message(nems, CONTACT)


def test_narrative_and_comments_say_nothing():
    """What is for the eye is no part of a message, in either form."""
    xml = MESSAGES[0].replace(
        b"<Practitioner>",
        b'<Practitioner><text><status value="generated"/>'
        b'<div xmlns="http://www.w3.org/1999/xhtml"><p id="x">Hello</p></div></text>',
    )
    document = json.loads(as_json(MESSAGES[0]))
    practitioner = document["entry"][-1]["resource"]
    practitioner["text"] = {"status": "generated", "div": "<div>Hello</div>"}
    practitioner["fhir_comments"] = ["Hello"]

    assert the_message(nems, json.dumps(document).encode()) == the_message(nems, xml)


def test_null_says_nothing():
    """FHIR has no null but in lists; where one stands, nothing is guessed."""
    practitioner = b'"resourceType": "Practitioner"'
    with_null = CONTACT.replace(practitioner, practitioner + b', "gender": null')

    assert with_null != CONTACT
    assert the_message(nems, with_null) == the_message(nems, CONTACT)
