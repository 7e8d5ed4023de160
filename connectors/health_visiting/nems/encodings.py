"""FHIR's XML and JSON as nodes: the same message gives the same ones in either.

Expat builds those of XML while it reads, so that there is no second walk.
"""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import zip_longest
from pyexpat import ExpatError, ParserCreate
from typing import Any, Final, NoReturn, TypeAlias

from connectors.health_visiting.nems.nodes import FIELD, Node, children
from connectors.parsing import limits
from connectors.parsing.safe_xml import safe_text
from schemas.errors import UnreadableMessageError

_FHIR: Final = "http://hl7.org/fhir"
_DECLARATION: Final = b"xmlns"
_SEPARATOR: Final = " "
_IN_FHIR: Final = _FHIR + _SEPARATOR


def nodes_from_xml(data: bytes) -> Node:
    """The document as the only child of a node; raises UnreadableMessageError.

    Elements that are not FHIR's are left out with all that is in them, as are comments, text
    and processing instructions. There are no entities, because there may be no DOCTYPE.
    """
    if not data or data.isspace():
        raise UnreadableMessageError(field=FIELD, reason="empty")
    data = safe_text(data, field=FIELD)
    if data.count(b"<") > 2 * limits.NEMS_ELEMENTS:
        raise UnreadableMessageError(field=FIELD, reason="too-many-elements")
    if data.count(_DECLARATION) == 1:
        document = _read(data, separator=None)
        if _is_fhir_alone(document):
            return document
    return _read(data, separator=_SEPARATOR)


def _read(data: bytes, *, separator: str | None) -> Node:
    """The nodes by the names that stand there; with a separator, by those of FHIR's namespace."""
    document: Node = {}
    opened: list[dict[str, Any]] = [document]
    parser = ParserCreate("utf-8", separator)
    starting = _starts_by_name if separator is None else _starts_in_fhir
    parser.StartElementHandler = starting(opened)
    # Every element has an end: iterating over this takes the last one off without a call into us.
    parser.EndElementHandler = partial(next, iter(opened.pop, None))
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        raise UnreadableMessageError(field=FIELD, reason="not-xml") from error
    except AttributeError as error:  # an attribute and a child element of one name
        raise UnreadableMessageError(field=FIELD, reason="not-fhir") from error
    return document


def _is_fhir_alone(document: Node) -> bool:
    """Whether the one namespace that is declared is FHIR's, on the root, for what has no prefix.

    Then names are what they look like, and expat need not work them out: a fifth of its time.
    """
    return any(root.get("xmlns") == _FHIR for root in children(document, "Bundle"))


_MOST_OPENED: Final = 1 + limits.NESTING  # with what holds the document
_Starts: TypeAlias = Callable[[str, dict[str, Any]], None]
"""What expat calls where an element starts.

Its attributes come in a dictionary of their own, which becomes the node.
"""


def _starts_by_name(opened: list[dict[str, Any]]) -> _Starts:
    """For elements that are all FHIR's: this is called for each of them, so it does no more."""
    most, open_one = _MOST_OPENED, opened.append

    def start(name: str, attributes: dict[str, Any]) -> None:
        parent = opened[-1]
        open_one(attributes)
        if name in parent:
            parent[name].append(attributes)
        else:
            parent[name] = [attributes]
            # the deepest is the first of its name in what holds it
            if len(opened) > most:
                raise _too_deep()

    return start


def _starts_in_fhir(opened: list[dict[str, Any]]) -> _Starts:
    """For elements of which some are not FHIR's: those hang on nothing."""
    open_one, start_named = opened.append, _starts_by_name(opened)

    def start(full_name: str, attributes: dict[str, Any]) -> None:
        if name := _name_in_fhir(full_name):
            start_named(name, attributes)
        else:
            open_one(attributes)
            if len(opened) > _MOST_OPENED:
                raise _too_deep()

    return start


def _too_deep() -> UnreadableMessageError:
    return UnreadableMessageError(field=FIELD, reason="too-deep")


@lru_cache(maxsize=1024)
def _name_in_fhir(full_name: str) -> str:
    """The element's own name; empty for an element that is not FHIR's."""
    return full_name.removeprefix(_IN_FHIR) if full_name.startswith(_IN_FHIR) else ""


# JSON, as the nodes that the same message in XML gives.

_BOM: Final = b"\xef\xbb\xbf"
_TYPE: Final = "resourceType"
_LEFT_OUT: Final = frozenset({"div", "fhir_comments"})
_EXTENSIONS: Final = ("extension", "modifierExtension")


def nodes_from_json(data: bytes) -> Node:
    """The document as the only child of a node; raises UnreadableMessageError.

    Refused are names that come twice, NaN, NUL, what is nested too deep or has too many parts,
    and what FHIR's JSON has no place for. Source: FHIR STU3, JSON representation of resources.
    """
    try:
        document = json.loads(
            _text_of(data),
            object_pairs_hook=_node_from_pairs,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
        )
    except RecursionError as error:
        raise UnreadableMessageError(field=FIELD, reason="too-deep") from error
    except ValueError as error:
        raise UnreadableMessageError(field=FIELD, reason="not-json") from error
    if not isinstance(document, dict):
        raise UnreadableMessageError(field=FIELD, reason="wrong-root")
    _refuse_immoderate(document)
    return document


def _text_of(data: bytes) -> str:
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableMessageError(field=FIELD, reason="not-utf-8") from error
    if "\\u0000" in text:  # XML has no way to say it, PostgreSQL none to keep it
        raise UnreadableMessageError(field=FIELD, reason="not-text")
    return text


def _refuse_constant(_: str) -> NoReturn:
    raise UnreadableMessageError(field=FIELD, reason="not-a-number")


def _node_from_pairs(pairs: list[tuple[str, Any]]) -> Node:
    """One object; those inside it are nodes already, because the innermost are made first."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise UnreadableMessageError(field=FIELD, reason="duplicate-key")
    kind = values.pop(_TYPE, None)
    node: Node = {}
    for name in {name.removeprefix("_"): None for name in values if name not in _LEFT_OUT}:
        found = list(_occurrences(values.get(name), values.get(f"_{name}")))
        if found:
            node[name] = found
    for name in _EXTENSIONS:
        for extension in node.get(name, ()):
            _take_as_attribute(extension, "url")
    if kind is None:
        _take_as_attribute(node, "id")
        return node
    if not (isinstance(kind, str) and kind.isalpha()):
        raise UnreadableMessageError(field=FIELD, reason="not-fhir")
    return {kind: [node]}


def _take_as_attribute(node: Any, name: str) -> None:
    """What is a child in JSON and an attribute in XML: an extension's url, an element's id."""
    if isinstance(found := node.get(name), list):
        node[name] = found[0].get("value", "")


def _occurrences(value: Any, beside: Any) -> Iterator[Node]:
    """The nodes of one name; `beside` is what stands under the same name after an underscore."""
    values = value if isinstance(value, list) else [value]
    besides = beside if isinstance(beside, list) else [beside]
    for one, extra in zip_longest(values, besides):
        if one is not None or extra is not None:
            yield _occurrence(one, extra)


def _occurrence(value: Any, beside: Any) -> Node:
    if isinstance(value, dict) and beside is None:
        return value
    if not isinstance(value, str | bool | None) or not isinstance(beside, dict | None):
        raise UnreadableMessageError(field=FIELD, reason="not-fhir")
    if isinstance(value, bool):
        value = "true" if value else "false"
    primitive: Node = {} if value is None else {"value": value}
    return primitive if beside is None else {**beside, **primitive}


def _refuse_immoderate(document: Node) -> None:
    """Raise UnreadableMessageError for a tree deeper or larger than XML's may be."""
    level, depth, count = [document], 0, 0
    while level:
        level = [
            child
            for node in level
            for children in node.values()
            if isinstance(children, list)
            for child in children
        ]
        depth, count = depth + 1, count + len(level)
        if level and depth > limits.NESTING:
            raise UnreadableMessageError(field=FIELD, reason="too-deep")
        if count > limits.NEMS_ELEMENTS:
            raise UnreadableMessageError(field=FIELD, reason="too-many-elements")
