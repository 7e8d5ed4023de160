"""Damage done to JSON: names and values, well formed as far as a writer can be brought to it."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from typing import Any, Final

from deploy.bench.mutating.odd_values import any_text, one_in
from deploy.bench.mutating.room import copies
from deploy.bench.mutating.seeds import CANARY

_DEEP: Final = (3, 40, 70, 2000)


class _Object:
    """An object whose names may come twice."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        self.pairs = list(pairs)


_Holder = _Object | list[Any]
_Change = Callable[[_Holder, int, Random], None]


def damaged_json(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """The same document with one to three changes; as it is where it is none any more."""
    del seeds
    try:
        document = json.loads(data, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        return data
    root = [document]
    for _ in range(random.randint(1, 3)):
        places = list(_places(root))
        if not places:
            break
        holder, at = random.choice(places)
        random.choice(_CHANGES)(holder, at, random)
    if not root:
        return b""
    written = _written(root[0], escaped=not one_in(random, 5))
    return written.encode("utf-8", "surrogatepass")


def _places(root: _Holder) -> Iterator[tuple[_Holder, int]]:
    """Every place in which a value stands, below `root`."""
    waiting: list[_Holder] = [root]
    while waiting:
        holder = waiting.pop()
        values = holder if isinstance(holder, list) else [value for _, value in holder.pairs]
        for at, value in enumerate(values):
            yield holder, at
            if isinstance(value, (_Object, list)):
                waiting.append(value)


def _value(holder: _Holder, at: int) -> Any:
    return holder[at] if isinstance(holder, list) else holder.pairs[at][1]


def _put(holder: _Holder, at: int, value: Any) -> None:
    if isinstance(holder, list):
        holder[at] = value
    else:
        holder.pairs[at] = (holder.pairs[at][0], value)


def _drop(holder: _Holder, at: int, random: Random) -> None:
    del random
    del (holder if isinstance(holder, list) else holder.pairs)[at]


def _double(holder: _Holder, at: int, random: Random) -> None:
    items: list[Any] = holder if isinstance(holder, list) else holder.pairs
    asked = random.choice((1, 1, 2, 300))
    items[at:at] = [items[at]] * copies(asked, len(_written(_value(holder, at), escaped=True)))


def _swap(holder: _Holder, at: int, random: Random) -> None:
    size = len(holder if isinstance(holder, list) else holder.pairs)
    other = random.randrange(size)
    one, two = _value(holder, at), _value(holder, other)
    _put(holder, at, two)
    _put(holder, other, one)


def _retype(holder: _Holder, at: int, random: Random) -> None:
    value = _value(holder, at)
    text = value if isinstance(value, str) else "1"
    said = _written(value, escaped=True) if isinstance(value, (_Object, list)) else str(value)
    others: tuple[Any, ...] = (
        *(None, True, False, 0, -1, 1.5, 10**400, -(2**63), float("nan"), float("inf"), ""),
        *([], [[]], _Object([]), [text], _Object([(CANARY, text)]), [value, value], text),
        *([None], int(text[:9]) if text[:9].isdecimal() else text, said[:2000]),
    )
    _put(holder, at, random.choice(others))


def _nest(holder: _Holder, at: int, random: Random) -> None:
    value = _value(holder, at)
    for _ in range(random.choice(_DEEP)):
        value = [value] if one_in(random, 2) else _Object([("a", value)])
    _put(holder, at, value)


def _say_otherwise(holder: _Holder, at: int, random: Random) -> None:
    if not isinstance(_value(holder, at), (_Object, list)) or one_in(random, 5):
        _put(holder, at, any_text(random))


def _rename(holder: _Holder, at: int, random: Random) -> None:
    if isinstance(holder, _Object):
        name, value = holder.pairs[at]
        names = (name.upper(), f"{name} ", "", CANARY, any_text(random), f"_{name}", name[:-1])
        holder.pairs[at] = (random.choice(names), value)


def _add(holder: _Holder, at: int, random: Random) -> None:
    value = any_text(random)
    if isinstance(holder, list):
        holder.insert(at, value)
    else:
        holder.pairs.insert(at, (random.choice((CANARY, "purge", "id", "value", value)), value))


_CHANGES: Final[tuple[_Change, ...]] = (
    *(_drop, _double, _swap, _retype, _retype, _nest, _rename, _add),
    *(_say_otherwise,) * 4,
)


def _written(value: Any, *, escaped: bool) -> str:
    """As JSON, without recursion: what is too deep to be written is to be read all the same."""
    return _said(value, partial(_scalar, escaped=escaped))


def _said(value: Any, say: Callable[[Any], str]) -> str:
    parts: list[str] = []
    waiting: list[Any] = [(value,)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            parts.append(one)
            continue
        (inner,) = one
        if isinstance(inner, _Object):
            waiting += ("}", *_last_first(inner.pairs, say), "{")
        elif isinstance(inner, list):
            waiting += ("]", *_last_first(inner, say), "[")
        else:
            parts.append(say(inner))
    return "".join(parts)


def _last_first(items: Sequence[Any], say: Callable[[Any], str]) -> Iterator[Any]:
    """What is to be written of pairs or values; copies of one are written once."""
    end = len(items)
    while end:
        start = end - 1
        while start and items[start - 1] is items[start]:
            start -= 1
        item = items[start]
        name, value = item if isinstance(item, tuple) else (None, item)
        named = "" if name is None else f"{say(name)}: "
        if end - start > 1:
            yield ", ".join([named + _said(value, say)] * (end - start))
        else:
            yield (value,)
            yield named
        if start:
            yield ", "
        end = start


def _scalar(value: Any, *, escaped: bool) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**63:
        return f"{'-' if value < 0 else ''}1{'0' * 400}"
    return json.dumps(value, ensure_ascii=escaped)
