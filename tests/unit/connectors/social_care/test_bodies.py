"""Pushed bodies and files of children's social care: shapes, identity, and what is refused."""

import copy
import json
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.parsing import limits
from connectors.ports import Unreadable
from connectors.social_care.csc.reader import read_csc
from schemas.records.message import SourceMessage
from tests.support.messages.csc import a_child, an_episode, csc
from tests.support.reading import csc as read
from tests.support.reading import outcomes, received, the_message, the_refusal

CHILD = a_child(
    social_care_episodes=[
        an_episode(child_protection_plans=[{"child_protection_plan_id": "P-1", "purge": False}])
    ]
)
CANARY = "Zebediah-Canary"


def body(value: Any) -> bytes:
    """Any JSON."""
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "shape",
    [
        {"la_code": 999, "Children": CHILD},
        {"la_code": "999", "Children": [CHILD]},
        [{"la_code": 999, "Children": CHILD}],
        [CHILD | {"la_code": 999}],
        CHILD | {"la_code": "999"},
    ],
)
def test_every_shape_in_use_is_read(shape: Any):
    """The documents show one, the senders write another."""
    message = the_message(read, body(shape))

    assert message.subjects[0].identifiers[0].value == "999/NC-1001"


def test_children_come_in_order_with_their_index():
    """As the answer to a push names them."""
    found = received(read, csc(*(a_child(la_child_id=f"NC-{n}") for n in range(3))))

    assert [one.index for one in found] == [0, 1, 2]


def test_raw_gives_that_one_child_again():
    """Readable or not."""
    bad = a_child(la_child_id="NC-2", child_details={"date_of_birth": "soon"})

    for one in received(read, csc(CHILD, bad)):
        (again,) = outcomes(read, one.raw())
        assert again == one.outcome


def test_same_payload_of_one_moment_is_a_redelivery_and_of_another_is_news():
    """An authority may go back to what it said before, on the same day too."""

    def id_at(hour: int) -> str:
        at = datetime(2026, 11, 20, hour, tzinfo=UTC)
        return the_message(partial(read_csc, received_at=at), csc(CHILD)).message_id

    assert id_at(9) == id_at(9)
    assert id_at(9) != id_at(17)


def test_order_of_names_does_not_matter():
    """The same content is the same message."""
    turned = dict(reversed(CHILD.items()))

    assert the_message(read, csc(turned)).message_id == the_message(read, csc(CHILD)).message_id


def test_version_is_when_it_was_received():
    """In UTC; a time without a zone is a mistake of the caller."""
    assert the_message(read, csc(CHILD)).version.at == "2026-11-20T09:30:00.000000Z"

    with pytest.raises(ValueError, match="aware"):
        list(read_csc(BytesIO(b"[]"), received_at=datetime(2026, 11, 20)))  # noqa: DTZ001


def test_of_two_payloads_of_a_child_in_one_body_the_later_counts():
    """They were received at one moment, so their place orders them."""
    first, second, other = (
        outcome
        for outcome in outcomes(read, csc(CHILD, a_child(purge=True), a_child(la_child_id="NC-2")))
        if isinstance(outcome, SourceMessage)
    )

    assert first.version.sort_key < second.version.sort_key
    assert other.version.sort_key == first.version.sort_key


def test_one_bad_child_does_not_stop_the_others():
    """It parks at its place."""
    kinds = [type(o) for o in outcomes(read, csc(CHILD, a_child(la_child_id=None), CHILD))]

    assert kinds == [SourceMessage, Unreadable, SourceMessage]


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (b"", "body", "empty"),
        (b"\n ", "body", "empty"),
        (b"la_child_id;surname", "body", "not-json"),
        (csc(CHILD)[:-9], "body", "not-json"),
        (csc(CHILD).replace(b"Marlow", b"Mar\xfflow"), "body", "not-utf-8"),
        (csc(CHILD).decode().encode("utf-16"), "body", "not-utf-8"),
        (b"[" * 100_000, "body", "too-deep"),
        (b"9" * 5000, "body", "not-json"),
        (b"7", "Children", "not-an-object"),
        (b"[[]]", "Children", "not-an-object"),
        (b"{}", "la_code", "missing"),
        (body({"la_code": 999, "Children": None}), "Children", "not-an-object"),
        (body({"la_code": 99, "Children": CHILD}), "la_code", "not-a-code"),
        (body({"la_code": True, "Children": CHILD}), "la_code", "not-text"),
        (
            b'{"la_code":999,"Children":{"la_child_id":"1","la_child_id":"2"}}',
            "Children",
            "duplicate-key",
        ),
        (
            b'{"la_code":999,"la_code":998,"Children":{"la_child_id":"1"}}',
            "Children",
            "duplicate-key",
        ),
        (b'{"la_code":999,"Children":{"la_child_id":NaN}}', "Children", "not-a-number"),
        (b'{"la_code":999,"Children":{"la_child_id":1e999}}', "Children", "not-a-number"),
        (b'{"la_code":999,"Children":{"la_child_id":"\\ud800"}}', "Children", "not-text"),
        (b'{"la_code":999,"Children":{"la_child_id":"\\u0000"}}', "la_child_id", "not-text"),
        (
            b'{"la_code":999,"Children":' + b'{"a":' * 65 + b"1" + b"}" * 66,
            "Children",
            "too-deep",
        ),
        (csc(a_child(notes="n" * limits.CSC_CHILD_BYTES)), "Children", "too-large"),
        (b" " * (limits.CSC_BODY_BYTES + 1), "body", "too-large"),
        (b"[%b{}]" % (b"{}," * limits.CSC_CHILDREN), "Children", "too-many-elements"),
        (b'{"Children":[%b0]}' % (b"0," * limits.CSC_CHILDREN), "Children", "too-many-elements"),
    ],
)
def test_what_is_no_payload_parks_once(text: bytes, field: str, reason: str):
    """And the bytes kept show the same again."""
    assert the_refusal(read, text) == (field, reason)

    (one,) = received(read, text)
    assert the_refusal(read, one.raw()) == (field, reason)


def test_nothing_in_an_empty_list():
    """No child, no message."""
    assert outcomes(read, b"[]") == []


def test_byte_order_mark_is_tolerated():
    """Some senders write one."""
    assert outcomes(read, b"\xef\xbb\xbf" + csc(CHILD)) == outcomes(read, csc(CHILD))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a document is."""
    inner = value if isinstance(value, dict) else dict(enumerate(value))
    found = []
    for key, part in inner.items():
        found.append((*path, key))
        if isinstance(part, dict | list):
            found += places(part, (*path, key))
    return found


def put(document: Any, path: tuple[Any, ...], value: Any) -> bytes:
    """The document with another value at one place."""
    changed = copy.deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return body(changed)


DOCUMENT = [{"la_code": 999, "Children": CHILD}]


@pytest.mark.parametrize("value", [CANARY, [CANARY], {CANARY: CANARY}])
def test_no_value_appears_in_a_refusal(value: Any):
    """Every value in turn is something personal: no refusal repeats it."""
    for path in places(DOCUMENT):
        for outcome in outcomes(read, put(DOCUMENT, path, value)):
            if isinstance(outcome, Unreadable):
                assert CANARY not in repr(outcome)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@settings(deadline=None, max_examples=200)
@given(path=st.sampled_from(places(DOCUMENT)), value=JSON)
def test_payloads_with_other_values_never_raise(path: tuple[Any, ...], value: Any):
    """Whatever stands in whichever place."""
    outcomes(read, put(DOCUMENT, path, value))


@settings(deadline=None, max_examples=150)
@given(at=st.integers(0, 3000), length=st.integers(0, 200), inserted=st.binary(max_size=30))
def test_mutilated_bodies_never_raise(at: int, length: int, inserted: bytes):
    """Whatever is cut out and put in."""
    text = csc(CHILD)
    start = at % len(text)

    outcomes(read, text[:start] + inserted + text[start + length :])
