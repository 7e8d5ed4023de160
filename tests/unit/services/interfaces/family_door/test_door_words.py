"""The door's words: read with ease, all of them on translators' lists, and from right to left."""

import ast
import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest

from services.interfaces.family_door.app import create_family_app
from services.interfaces.family_door.frame import FamilyDoorSettings
from services.interfaces.family_door.getting_in.ways import WaysIn
from services.interfaces.family_door.languages.catalogue import door_words
from services.interfaces.family_door.languages.in_templates import template_sentences
from services.interfaces.family_door.languages.speaking import DoorWords, Phrase, PhraseList
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.portal.decisions.receipts.languages import (
    Language,
    Words,
    all_words,
    list_to_translate,
    release,
)
from tests.support.portal.pages import PageClient

ROOT = Path(__file__).parents[5] / "services/interfaces/family_door"
FIRST_OPEN = "\u202e"
HARDEST = 9
"""Of a sentence by the Automated Readability Index: the age is five more."""
NOT_FOR_FAMILIES = {"data", "consent", "process", "record", "disclose", "recipient"}


def everything() -> tuple[str, ...]:
    """What translators are given."""
    return tuple(dict.fromkeys((*all_words(), *door_words())))


def released(folder: Path, language: Language, *, but: str = "") -> None:
    """Release every word of a language, turned round; `but` one."""
    told = io.StringIO()
    rows = csv.writer(told)
    rows.writerow(("English", "Translation"))
    words = [one for one in everything() if one != but]
    rows.writerows((one, f"{FIRST_OPEN}{one}\u202c") for one in words)
    release(
        folder, language, told.getvalue(), by="Pseudo Locale", on=date(2026, 12, 1), words=words
    )


def a_client(data: Path | None = None) -> PageClient:
    """A browser at pages for which no database is asked."""
    services = FamilyDoorOnDatabase.__new__(FamilyDoorOnDatabase)
    services.ways = WaysIn.__new__(WaysIn)
    services.ways._providers = None
    settings = FamilyDoorSettings("Exbury Family Hub", "01632 960100", data=data)
    return PageClient(create_family_app(services, settings), "https://testserver")


def readability(text: str) -> float:
    """The Automated Readability Index of a text (Senter and Smith, 1967)."""
    words = re.findall(r"[\w'’]+", re.sub(r"\{\w+\}", "it", text))
    sentences = max(1, len(re.findall(r"[.!?:]+(?=\s|$)", text)))
    letters = sum(map(len, words))
    return 4.71 * letters / len(words) + 0.5 * len(words) / sentences - 21.43


def test_who_is_nine_can_read_it():
    """Of what is a sentence; and nobody has to know our own words."""
    told = [one for one in door_words() if len(one.split()) >= 4]
    too_hard = {one: round(readability(one), 1) for one in told if readability(one) > HARDEST}
    long = [one for one in told for s in re.split(r"[.?!:]", one) if len(s.split()) > 17]
    ours = [one for one in told if NOT_FOR_FAMILIES & set(re.findall(r"[a-z]+", one.lower()))]

    assert too_hard == {}
    assert long == []
    assert ours == []
    assert sum(map(readability, told)) / len(told) < 4


def test_every_sentence_of_python_is_on_the_list():
    """Templates are read for theirs; of Python whoever writes `Phrase` lists it."""
    said = {
        call.args[0].value
        for path in ROOT.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Phrase"
        and isinstance(call.args[0], ast.Constant)
    }

    assert len(said) > 15
    assert said - set(door_words()) == set()
    assert len(template_sentences()) > 150


def test_page_is_said_from_right_to_left_as_far_as_somebody_released_it(tmp_path: Path):
    """What nobody released is English, and marked so; English is what it was."""
    plain = a_client().get("/")
    but = "Is it safe to look now?"
    released(tmp_path, Language.URDU, but=but)
    client = a_client(tmp_path)
    offered = client.get("/safety")
    chosen = client.http.post("/language", data={"language": "ur", "back": "/safety"})

    page = client.get("/")
    texts = [one.strip() for one in page.tree.xpath("//main//text()") if one.strip()]
    english = page.tree.xpath("//main//*[@lang='en-GB'][@dir='ltr']")

    assert (page.tree.get("lang"), page.tree.get("dir")) == ("ur", "rtl")
    assert [one.text_content() for one in english] == [but]
    assert [one for one in texts if not one.startswith(FIRST_OPEN) and one != but] == []
    assert offered.tree.get("dir") == "ltr"
    assert "اردو" in offered.whole_text
    assert chosen.headers["location"] == "/safety"
    assert "httponly" in chosen.headers["set-cookie"].lower()
    assert "max-age" not in chosen.headers["set-cookie"].lower()
    assert plain.tree.get("lang") == "en-GB"
    back = client.http.post("/language", data={"language": "en", "back": "//evil.example"})
    assert back.headers["location"] == "/"
    assert client.get("/").text == plain.text


def test_values_are_said_within_a_sentence():
    """A list in its own order with its own commas; a name or a day lies as it is read."""
    words = Words(Language.ARABIC, {"Can see: {parts}.": "يرى: {parts}.", "your story": "قصتك"})
    speak = DoorWords(words, (Language.ARABIC,))
    parts = PhraseList([Phrase("your story"), "Eva <b>"])

    told = str(speak.told(Phrase("Can see: {parts}.", parts=parts)))

    assert told == "يرى: قصتك، <bdi>Eva &lt;b&gt;</bdi>."
    assert str(Phrase("Can see: {parts}.", parts=parts)) == "Can see: your story, Eva <b>."
    assert DoorWords(Words()).told("Eva") == "Eva"


def test_translators_get_receipts_and_the_door_in_one_list(tmp_path: Path):
    """Each once."""
    listed = list_to_translate(tmp_path, Language.POLISH, everything())
    rows = list(csv.reader(io.StringIO(listed)))

    assert len(rows) == 1 + len(everything()) == len({row[0] for row in rows})
    assert ["Who has looked", ""] in rows


@pytest.mark.parametrize("path", ["/", "/sign-in", "/code", "/safety"])
def test_pages_before_signing_in_are_the_same_for_everybody(path: str):
    """No language but English where none was released."""
    page = a_client().get(path)

    assert page.title == "Exbury Family Hub"
    assert "language" not in page.response.text
