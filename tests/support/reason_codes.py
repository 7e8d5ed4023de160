"""The reasons for which connectors park messages, found in their code and not in a list."""

import ast
from collections.abc import Iterator

from tests.support.checkout import ROOT

_WHERE = ("connectors", "services/workers", "services/platform/mailbox", "services/people/persons")
_RAISED = {"Unreadable": 1, "UnreadableMessageError": 1, "DeliveryUnreadableError": 0}
_TOLD_BY = {"refusal": 1, "unsettled": 2, "put_off_again": 1, "_tell_of": 1}
_NAMED = ("reason", "refused", "refusal", "CONTRADICTS", "_NO_ANSWER")


def reason_codes() -> Iterator[tuple[str, str]]:
    """Each reason, without what it points to, and where it is given."""
    for folder in _WHERE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for code in _in(ast.parse(path.read_text(encoding="utf-8"))):
                yield code.partition(":")[0], str(path.relative_to(ROOT))


def _in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from _said_in_call(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.startswith(_NAMED):
                yield from _texts(value)
            case ast.FunctionDef(name=name) if name.endswith(("unsoundness", "refusal", "_reason")):
                returned = (n.value for n in ast.walk(node) if isinstance(n, ast.Return))
                yield from (text for value in returned if value for text in _texts(value))


def _said_in_call(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    place = _RAISED.get(name, _TOLD_BY.get(name))
    if place is None:
        return
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    given = named.get("reason") or (call.args[place] if len(call.args) > place else None)
    if given is not None:
        yield from _texts(given)


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]):
            yield text
        case ast.IfExp(body=body, orelse=otherwise):
            yield from (*_texts(body), *_texts(otherwise))
        case ast.BoolOp(values=values):
            yield from (text for value in values for text in _texts(value))
        case ast.Dict(values=values):
            yield from (text for value in values for text in _texts(value))
        case _:
            pass
