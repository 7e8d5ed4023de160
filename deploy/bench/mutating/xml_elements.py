"""Damage done to XML: elements, attributes, texts, and what stands around them."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Final

from lxml import etree

from deploy.bench.mutating.odd_values import odd_text, one_in
from deploy.bench.mutating.room import copies
from deploy.bench.mutating.seeds import CANARY

_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
_FEW: Final = 40
_DEEP: Final = (2, 40, 70, 200)
_DECLARATIONS: Final = (
    b"<?xml version='1.0' encoding='utf-16'?>",
    b"<?xml version='1.0' encoding='ISO-8859-1'?>",
    b"<?xml version='1.0' encoding='utf-7'?>",
    b"<?xml version='1.1'?>",
    b"<?xml version='1.0' standalone='yes'?>\n<?a b?><!-- c -->",
    b"<!DOCTYPE a>",
    b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]>",
    b"\xef\xbb\xbf",
)
_Element = etree._Element  # noqa: SLF001 the type's own name
_Change = Callable[[_Element, Random], None]


def damaged_xml(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """The same document with one to three changes; as it is where it is none any more."""
    try:
        root = etree.fromstring(data, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return data
    for _ in range(random.randint(1, 3)):
        elements = list(root.iter(etree.Element))
        _change(random.choice(elements), random, seeds)
    written = etree.tostring(root, encoding=random.choice(("utf-8",) * 9 + ("us-ascii",)))
    if one_in(random, 12):
        written = random.choice(_DECLARATIONS) + written
    return bytes(written)


def _change(element: _Element, random: Random, seeds: Sequence[bytes]) -> None:
    if one_in(random, 25):
        _adopt(element, random, seeds)
        return
    random.choice(_CHANGES)(element, random)


def _drop(element: _Element, random: Random) -> None:
    del random
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _double(element: _Element, random: Random) -> None:
    parent = element.getparent()
    if parent is not None and len(element) <= _FEW:
        asked = random.choice((1, 1, 2, 60))
        for _ in range(copies(asked, len(etree.tostring(element)))):
            parent.insert(parent.index(element), deepcopy(element))


def _swap(element: _Element, random: Random) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.insert(random.randrange(len(parent)), element)


def _move(element: _Element, random: Random) -> None:
    """Into any element that is not inside it."""
    root = element.getroottree().getroot()
    inside = set(element.iter())
    places = [one for one in root.iter(etree.Element) if one not in inside]
    if places:
        random.choice(places).append(element)


def _nest(element: _Element, random: Random) -> None:
    parent = element.getparent()
    if parent is None:
        return
    at = parent.index(element)
    inner = element
    for _ in range(random.choice(_DEEP)):
        outer = etree.Element(random.choice((element.tag, "extension", "a")))
        outer.append(inner)
        inner = outer
    parent.insert(at, inner)


def _rename(element: _Element, random: Random) -> None:
    name = etree.QName(element)
    others = (name.localname, name.localname.upper(), CANARY, "extension", "value", "Bundle", "a")
    space = random.choice((name.namespace, name.namespace, None, "urn:other"))
    local = random.choice(others)
    element.tag = f"{{{space}}}{local}" if space else local


def _say_otherwise(element: _Element, random: Random) -> None:
    if element.attrib and not one_in(random, 5):
        name = random.choice(sorted(map(str, element.attrib)))
        element.set(name, odd_text(random))
    elif not len(element) or one_in(random, 5):
        element.text = odd_text(random)


def _attributes(element: _Element, random: Random) -> None:
    if element.attrib and one_in(random, 2):
        name = random.choice(sorted(map(str, element.attrib)))
        value = element.attrib.pop(name)
        if one_in(random, 2):
            element.set(random.choice(("Value", CANARY, "id", "url", "part")), value)
    else:
        names = ("value", "url", "id", "part", "refused", CANARY, "{urn:other}value")
        element.set(random.choice(names), odd_text(random))


def _scatter(element: _Element, random: Random) -> None:
    """Text, comments and instructions where none belong."""
    more = (etree.Comment(CANARY), etree.ProcessingInstruction("a", CANARY))
    element.insert(0, random.choice(more))
    element.tail = odd_text(random)


def _adopt(element: _Element, random: Random, seeds: Sequence[bytes]) -> None:
    """A part of another message."""
    try:
        other = etree.fromstring(random.choice(seeds), _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return
    element.append(random.choice(list(other.iter(etree.Element))))


_CHANGES: Final[tuple[_Change, ...]] = (
    *(_drop, _double, _swap, _move, _nest, _rename, _attributes, _scatter),
    *(_say_otherwise,) * 5,
)
