"""What is no NEMS message parks: once, with field and reason, without a value, without raising."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.parsing import limits
from connectors.ports import Unreadable
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact, vaccination
from tests.support.messages.nems_pds import birth_notification, change_of_gp
from tests.support.reading import nems, outcomes, received, the_message, the_refusal

CONTACT = professional_contact()
MESSAGES = (
    CONTACT,
    vaccination(),
    change_of_gp(APerson()),
    birth_notification(APerson(), APerson(nhs_number="9990000026")),
)
DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>"
BOMB = (
    b'<!DOCTYPE Bundle [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<Bundle xmlns="http://hl7.org/fhir"><id value="&b;"/></Bundle>'
)
EXTERNAL = (
    b'<!DOCTYPE Bundle SYSTEM "file:///etc/hostname">'
    b'<Bundle xmlns="http://hl7.org/fhir"><type value="message"/></Bundle>'
)
CANARY = "Zebediah-Canary"


def deep(levels: int) -> bytes:
    """A bundle with elements inside one another."""
    return (
        b'<Bundle xmlns="http://hl7.org/fhir">' + b"<a>" * levels + b"</a>" * levels + b"</Bundle>"
    )


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (b"", "Bundle", "empty"),
        (b" \n\t", "Bundle", "empty"),
        (b"Dear colleague, please see attached", "Bundle", "not-xml"),
        (CONTACT[: len(CONTACT) // 2], "Bundle", "not-xml"),
        (CONTACT + b"<Bundle/>", "Bundle", "not-xml"),
        (CONTACT.replace(b"Marlow", b"Mar\xfflow"), "Bundle", "not-utf-8"),
        (CONTACT.decode().encode("utf-16"), "Bundle", "encoding-not-read"),
        (CONTACT.replace(b"UTF-8", b"utf-7", 1), "Bundle", "encoding-not-read"),
        (BOMB, "Bundle", "doctype-forbidden"),
        (EXTERNAL, "Bundle", "doctype-forbidden"),
        (b"<CTfile/>", "Bundle", "wrong-root"),
        (b"<Bundle/>", "Bundle", "wrong-root"),
        (CONTACT.replace(b'"message"', b'"collection"', 1), "Bundle.type", "not-a-message"),
        (deep(limits.NESTING + 1), "Bundle", "too-deep"),
        (deep(5000), "Bundle", "too-deep"),
        (b"<a>" + b"<b/>" * 2 * limits.NEMS_ELEMENTS + b"</a>", "Bundle", "too-many-elements"),
        (CONTACT + b" " * limits.NEMS_MESSAGE_BYTES, "Bundle", "too-large"),
        (CONTACT.replace(b"resource>", b"other>"), "Bundle.entry", "incomplete"),
        (
            CONTACT.replace(b"<id value=", b"<id id='a'><id/></id><id value=", 1),
            "Bundle",
            "not-fhir",
        ),
        (CONTACT.replace(b"MessageHeader>", b"Basic>"), "MessageHeader", "missing"),
    ],
)
def test_what_is_no_message_parks(text: bytes, field: str, reason: str):
    """One refusal, and the bytes kept show the same again."""
    assert the_refusal(nems, text) == (field, reason)

    (one,) = received(nems, text)
    assert the_refusal(nems, one.raw()) == (field, reason)


def test_byte_order_mark_is_tolerated():
    """Some senders write one."""
    assert the_message(nems, b"\xef\xbb\xbf" + CONTACT) == the_message(nems, CONTACT)


def test_names_count_by_their_namespace_however_it_is_declared():
    """With a prefix, beside another, or as something else."""
    text = CONTACT.split(b"?>", 1)[1]
    prefixed = re.sub(rb"<(/?)(\w)", rb"<\1f:\2", text).replace(b"xmlns=", b"xmlns:f=")
    beside = text.replace(b"<Bundle", b'<Bundle xmlns:x="urn:x" x:y="z"', 1)
    foreign = text.replace(b"<Practitioner>", b'<Practitioner><name xmlns="urn:x"/>')

    for same in (prefixed, beside, foreign):
        assert same != text
        assert the_message(nems, same) == the_message(nems, CONTACT)
    other = text.replace(b"http://hl7.org/fhir", b"urn:x", 1)
    assert the_refusal(nems, other) == ("Bundle", "wrong-root")
    unnamed = text.replace(b' xmlns="http://hl7.org/fhir"', b"", 1)
    assert the_refusal(nems, unnamed) == ("Bundle", "wrong-root")


def test_focus_of_another_kind_parks():
    """Of one which this event is not about."""
    focus = CONTACT.index(b"<focus>")
    reference = CONTACT.index(b"urn:uuid:", focus)
    patient = CONTACT.index(b"urn:uuid:", CONTACT.index(b"<patient>"))
    of_patient = CONTACT[patient : patient + 45]

    at_patient = CONTACT[:reference] + of_patient + CONTACT[reference + 45 :]

    assert the_refusal(nems, at_patient) == ("MessageHeader.focus", "unexpected-type")


@pytest.mark.parametrize("text", MESSAGES)
def test_no_value_appears_in_a_refusal(text: bytes):
    """Every value in turn is something personal: no refusal repeats it."""
    for number, _ in enumerate(etree.fromstring(text).iter()):
        root = etree.fromstring(text)
        list(root.iter())[number].set("value", CANARY)
        (outcome,) = outcomes(nems, etree.tostring(root))
        if isinstance(outcome, Unreadable):
            assert CANARY not in repr(outcome)


@settings(deadline=None, max_examples=150)
@given(
    text=st.sampled_from(MESSAGES),
    at=st.integers(0, 20_000),
    length=st.integers(0, 400),
    put=st.binary(max_size=40),
)
def test_mutilated_messages_never_raise(text: bytes, at: int, length: int, put: bytes):
    """Whatever is cut out and put in, one outcome comes back."""
    start = at % len(text)
    mutilated = text[:start] + put + text[start + length :]

    assert len(outcomes(nems, mutilated)) == 1


@settings(deadline=None, max_examples=150)
@given(text=st.sampled_from(MESSAGES), data=st.data())
def test_rearranged_messages_never_raise(text: bytes, data: st.DataObject):
    """Well-formed nonsense: elements dropped, doubled, moved and given other values."""
    root = etree.fromstring(text)
    for _ in range(data.draw(st.integers(1, 6))):
        elements = list(root.iter())
        victim = elements[data.draw(st.integers(1, len(elements) - 1))]
        match data.draw(st.sampled_from(("drop", "double", "set", "move"))):
            case "drop":
                victim.getparent().remove(victim)
            case "double":
                victim.addnext(victim.__deepcopy__({}))
            case "set":
                victim.set("value", data.draw(st.text("0129-:TZ ab", max_size=12)))
            case _:
                root.append(victim)
        if len(list(root.iter())) == 1:
            break

    assert len(outcomes(nems, etree.tostring(root))) == 1
