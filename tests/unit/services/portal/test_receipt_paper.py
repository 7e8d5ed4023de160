"""A receipt on paper: PDF, its square, and other languages as far as their words were released."""

import csv
import io
import re
import zlib
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.portal.app import create_app
from services.portal.decisions.receipts.languages import (
    Language,
    WordsNotReleasedError,
    all_words,
    release,
    released_languages,
    words_in,
)
from services.portal.decisions.receipts.paper import can_be_made, number_in, square
from services.portal.frame.settings import PortalSettings
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

_ON = date(2026, 12, 1)
needs_pdf = pytest.mark.skipif(not can_be_made(), reason="WeasyPrint or its libraries are missing")


@pytest.fixture
def app(world: Fake, tmp_path: Path) -> FastAPI:
    settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False, data=tmp_path)
    return create_app(world.services, settings)


@pytest.fixture
def receipt(world: Fake) -> str:
    """The address of a receipt."""
    recorded = world.record(a_permit_for(CHILD))
    return f"/families/{CHILD}/consent/{recorded.decision_id}/receipt"


def a_list(*lines: str) -> str:
    return "\n".join(("English,Translation", *lines))


def pseudo(data: Path, language: Language) -> None:
    """Release every word, each as itself turned round: whoever cannot read it sees how it lies."""
    turned = io.StringIO()
    rows = csv.writer(turned)
    rows.writerow(("English", "Translation"))
    rows.writerows((english, f"\u202e{english}\u202c") for english in all_words())
    assert release(data, language, turned.getvalue(), by="Pseudo Locale", on=_ON) == len(
        all_words()
    )


def test_nothing_is_shown_that_nobody_released(priya: PageClient, receipt: str):
    """English, marked as English for who listens; no other language is offered."""
    page = priya.get(f"{receipt}?language=ur")

    (body,) = page.tree.xpath("//main//div[@dir]")
    assert (body.get("lang"), body.get("dir")) == ("ur", "rtl")
    assert page.heading == "What you agreed"
    assert page.tree.xpath("//h1/span[@lang='en-GB'][@dir='ltr']")
    assert set(page.links) & {one.own_name for one in Language} == set()


def test_what_a_named_person_released_is_shown(priya: PageClient, receipt: str, tmp_path: Path):
    """And the rest beside it in English."""
    lines = a_list(
        "What you agreed,Na co się zgodzono", "Ring {contact}.,Zadzwoń: {contact}.", "Who,"
    )
    assert release(tmp_path, Language.POLISH, lines, by="Ewa Nowak", on=_ON) == 2

    page = priya.get(priya.get(receipt).links["Polski"])

    assert page.heading == "Na co się zgodzono"
    assert "Zadzwoń: 01632 960100." in page.text
    assert "Your rights" in page.text
    assert released_languages(tmp_path) == (Language.POLISH,)
    assert page.links["English"] == receipt


@pytest.mark.parametrize(
    ("line", "by"),
    [
        ("What you agreed,Tak", "Ewa"),
        ("What you never said,Tak", "Ewa Nowak"),
        ("Ring {contact}.,Zadzwoń", "Ewa Nowak"),
        ("Ring {contact}.,Zadzwoń {contact.__class__}", "Ewa Nowak"),
        ("Who,Kto {", "Ewa Nowak"),
        ("Who,", "Ewa Nowak"),
    ],
)
def test_what_cannot_be_right_is_not_released(tmp_path: Path, line: str, by: str):
    """All or nothing: what was released before stays."""
    release(tmp_path, Language.POLISH, a_list("Who,Kto"), by="Ewa Nowak", on=_ON)

    with pytest.raises(WordsNotReleasedError):
        release(tmp_path, Language.POLISH, a_list(line), by=by, on=_ON)

    assert words_in(tmp_path, Language.POLISH).released == {"Who": "Kto"}


def test_a_file_that_is_none_releases_nothing(tmp_path: Path):
    """A receipt is given in English rather than not."""
    (tmp_path / "words").mkdir()
    for content in ("", "[]", '{"words": 3}', '{"words": {"Who": "Kto"'):
        (tmp_path / "words" / "pl.json").write_text(content)
        assert words_in(tmp_path, Language.POLISH).released == {}
    assert len(all_words()) == len(set(all_words()))


def test_the_square_holds_the_number_of_the_copy_and_nothing_else():
    """The same each time; white all round; without its library there is none."""
    pytest.importorskip("segno")
    drawn = square("0192-ab")

    assert drawn == square("0192-ab") != square("0192-ac")
    assert number_in("0192-ab") == "urn:tell-once:receipt:0192-ab"
    assert "style" not in drawn


def pages_of(content: bytes) -> int:
    """How many sheets a PDF has; what it says of itself is compressed."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    told = b"".join(zlib.decompress(stream) for stream in streams if stream.startswith(b"x"))
    return len(re.findall(rb"/Type ?/Page\b(?!s)", told))


@needs_pdf
def test_a_receipt_is_one_sheet_of_paper_and_the_same_each_time(
    priya: PageClient, receipt: str, world: Fake, tmp_path: Path
):
    """In English, and from right to left in words that are turned round."""
    pseudo(tmp_path, Language.ARABIC)
    for address in (f"{receipt}-pdf", f"{receipt}-pdf?language=ar"):
        first, second = (priya.http.get(address).content for _ in range(2))

        assert first.startswith(b"%PDF-1.7")
        assert first == second
        assert pages_of(first) == 1
    answer = priya.http.get(f"{receipt}-pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith('.pdf"')
    world.services.relationships.clear()
    assert priya.get(f"{receipt}-pdf", status=403).status == 403


@pytest.mark.skipif(can_be_made(), reason="WeasyPrint is here: a PDF can be made")
def test_where_no_pdf_can_be_made_the_page_prints(priya: PageClient, receipt: str):
    """And says so, also to who kept the address."""
    for address in (receipt, f"{receipt}-pdf"):
        assert "print this page" in priya.get(address).text
