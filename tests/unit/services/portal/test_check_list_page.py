"""The page on which a school checks a list: rows, columns and remedies, never what stands there."""

from typing import Any

import httpx2
import pytest

from services.portal.frame.uploads import MOST_UPLOADED_BYTES
from tests.support.checkout import ROOT
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_world import PortalWorld

PAGE = "/check-a-class-list"
TEMPLATE = (ROOT / "schemas" / "published" / "class-list-template.csv").read_bytes()
WRONG = (
    b"Forename,Surname,DOB,Postcode,Shoe size\n"
    b"Quillfeather,Canary,05/03/2014,NOWHERE9,38\n"
    b"Canary,Quillfeather,never,ZZ99 3WZ,39\n"
)


def _answer(priya: PageClient, file: bytes | None, **more: str) -> httpx2.Response:
    token = priya.get(PAGE).token_of(PAGE)
    files: dict[str, Any] = {"list": ("Canary.csv", file, "text/csv")}
    return priya.http.post(
        PAGE, data={"csrf": token, **more}, files=files if file is not None else {"none": ("", b"")}
    )


def test_a_list_that_can_be_read_is_said_to_be(priya: PageClient) -> None:
    """Whatever the browser calls the file."""
    page = Page(_answer(priya, TEMPLATE))

    assert (page.status, page.errors) == (200, [])
    assert "1 row can be read, 0 cannot. Nothing was stored." in page.text


def test_what_is_wrong_is_told_by_row_and_column_and_no_cell_is(priya: PageClient) -> None:
    """Nor is the file's name."""
    response = _answer(priya, WRONG)
    page = Page(response)

    assert "1 row can be read, 1 cannot." in page.text
    assert "Row 2, CHILD_POSTCODE" in page.text
    assert "Row 3, CHILD_DATE_OF_BIRTH" in page.text
    assert "Columns that nobody reads: SHOE_SIZE." in page.text
    said = response.text.casefold()
    assert [word for word in ("quillfeather", "canary", "nowhere9") if word in said] == []


def test_a_schools_own_titles_are_used_where_they_are_kept(
    priya: PageClient, world: PortalWorld[FakePortalServices]
) -> None:
    """Without them the same file is none."""
    world.services.school_lists.titles["123456"] = {"BORN": "CHILD_DATE_OF_BIRTH"}
    own = b"Forename,Surname,Born\nQuillfeather,Canary,05/03/2014\n"

    assert "1 row can be read" in Page(_answer(priya, own, school="123456")).text
    assert "CHILD_DATE_OF_BIRTH" in Page(_answer(priya, own)).text
    unknown = Page(_answer(priya, own, school="999999"))
    assert unknown.errors == ["Nothing is kept of the column titles of a school with this URN"]


@pytest.mark.parametrize("file", [None, b""])
def test_without_a_file_there_is_nothing_to_check(priya: PageClient, file: bytes | None) -> None:
    """It is asked for."""
    assert Page(_answer(priya, file)).errors == ["Select the file of your class list"]


def test_what_is_too_large_or_no_form_is_refused(priya: PageClient) -> None:
    """Before it is read."""
    kind = {"content-type": "multipart/form-data; boundary=x"}

    assert _answer(priya, b"x" * (2 * MOST_UPLOADED_BYTES)).status_code == 413
    for body in (b"", b"--x\r\n", b"--y\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n"):
        assert priya.http.post(PAGE, content=body, headers=kind).status_code in {400, 403}
    no_boundary = {"content-type": "multipart/form-data"}
    assert priya.http.post(PAGE, content=b"x", headers=no_boundary).status_code == 400


def test_a_forged_form_with_a_file_is_refused(priya: PageClient) -> None:
    """The token is the page's own."""
    files = {"list": ("a.csv", TEMPLATE, "text/csv")}

    assert priya.http.post(PAGE, data={"csrf": "wrong"}, files=files).status_code == 403
