"""Makes the text of templates sayable: each sentence between two tags becomes `speak.say(…)`.

Whoever writes a template writes English, with what differs in double braces, and nothing else: no
sentence can be forgotten. What a sentence is for translators is the text between two tags, each
value by the last word of what it is taken from: "Now: yes, since {since}."
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes
from jinja2.ext import Extension

_OURS = Path(__file__).parent.parent / "templates"
_JINJA = r"\{\{.*?\}\}|\{%.*?%\}"
_PIECE = re.compile(
    rf"""
    (?P<comment>\{{\#.*?\#\}}|<!--.*?-->|<!DOCTYPE[^>]*>)
    |(?P<silent><(?P<name>script|style|title)\b.*?</(?P=name)>)
    |(?P<block>\{{%.*?%\}})
    |(?P<tag></?[a-zA-Z](?:{_JINJA}|"(?:{_JINJA}|[^"])*"|[^>"])*>)
    |(?P<value>\{{\{{.*?\}}\}})
    |(?P<text>[^<{{]+|.)
    """,
    re.DOTALL | re.VERBOSE,
)
_LABEL = re.compile(r'\b(aria-label|alt)="([^"{}]*[A-Za-z][^"{}]*)"')
_LAST_WORD = re.compile(r"[a-z_]+")
_UNMARKED = frozenset({"option"})
_SAYING = frozenset({"say", "plain"})


class Sayable(Extension):
    """Has Jinja read templates so."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template with each of its sentences said; those of others as they are."""
        del filename
        return source if name is None or "/" in name else "".join(_pieces(source))


def _pieces(source: str) -> Iterator[str]:
    waiting: list[tuple[str, str]] = []
    is_marked = True
    for found in _PIECE.finditer(source):
        kind, piece = str(found.lastgroup), found.group()
        if found.group("silent"):
            kind = "silent"
        if kind in {"text", "value"}:
            waiting.append((kind, piece))
            continue
        yield _said(waiting, is_marked=is_marked)
        waiting = []
        if kind == "tag":
            tag = piece.strip("<>/ ").split()[0].lower()
            is_marked = piece.startswith("</") or tag not in _UNMARKED
            piece = _LABEL.sub(_labelled, piece)
        yield piece
    yield _said(waiting, is_marked=is_marked)


def _labelled(found: "re.Match[str]") -> str:
    return f'{found[1]}="{{{{ speak.plain({json.dumps(found[2])}) }}}}"'


def _said(waiting: Sequence[tuple[str, str]], *, is_marked: bool) -> str:
    whole = "".join(piece for _, piece in waiting)
    if not any(any(c.isalpha() for c in piece) for kind, piece in waiting if kind == "text"):
        if not is_marked:
            return whole
        return "".join(_told(piece) if kind == "value" else piece for kind, piece in waiting)
    values: dict[str, str] = {}
    english = ""
    for kind, piece in waiting:
        english += piece if kind == "text" else _named(piece, values)
    english = html.unescape(" ".join(english.split()))
    before = whole[: len(whole) - len(whole.lstrip())]
    after = whole[len(whole.rstrip()) :]
    how = "say" if is_marked else "plain"
    given = "".join(
        f", {name}={f'speak.told({taken})' if is_marked else f'({taken})'}"
        for name, taken in values.items()
    )
    return f"{before}{{{{ speak.{how}({json.dumps(english, ensure_ascii=False)}{given}) }}}}{after}"


def _told(piece: str) -> str:
    return f"{{{{ speak.told({_taken(piece)}) }}}}"


def _named(piece: str, values: dict[str, str]) -> str:
    taken = _taken(piece)
    words = _LAST_WORD.findall(taken)
    name = words[-1] if words else "value"
    while values.get(name, taken) != taken:
        name += "_"
    values[name] = taken
    return f"{{{name}}}"


def _taken(piece: str) -> str:
    return piece.removeprefix("{{").removesuffix("}}").strip("- \n")


@cache
def template_sentences() -> tuple[str, ...]:
    """Every sentence of the templates, in English, each once, in the order of the files."""
    environment = Environment(autoescape=True)
    found: dict[str, None] = {}
    for path in sorted(_OURS.rglob("*.html")):
        read = environment.parse("".join(_pieces(path.read_text(encoding="utf-8"))))
        for call in read.find_all(nodes.Call):
            if isinstance(call.node, nodes.Getattr) and call.node.attr in _SAYING:
                (english, *_) = call.args
                if isinstance(english, nodes.Const):
                    found[str(english.value)] = None
        walked = (each.iter for each in read.find_all(nodes.For))
        listed = (one.value for each in walked for one in each.find_all(nodes.Const))
        found.update((str(one), None) for one in listed if str(one)[:1].isupper())
    return tuple(found)
