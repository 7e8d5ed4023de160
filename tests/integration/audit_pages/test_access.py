"""Who looked, what was tried and refused, why, what could be seen: pages, files and entries."""

import csv
import io
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from tests.support.audit.workbench import (
    CHILD_NUMBER,
    NOBODY,
    SHARED_STAFF_NUMBER,
    STAFF_NUMBER,
    Workbench,
)
from tests.support.each_case import each_case
from tests.support.portal.pages import PageClient
from tests.support.traces.canaries import NUMBER, found_in

pytestmark = pytest.mark.postgres
_NAMING = "/audit/name-a-family"
_CHILD = {"scheme": "nhs-number", "number": CHILD_NUMBER}


def _asked(workbench: Workbench) -> LedgerEntry:
    return workbench.entries(LedgerEvent.AUDIT_ASKED)[-1]


def _rows(ruth: PageClient, address: str) -> list[dict[str, str]]:
    answer = ruth.http.get(address)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_typed_number_leads_to_who_looked_and_stands_in_no_address(
    workbench: Workbench, ruth: PageClient
) -> None:
    """The address has the opaque number; its question is entered, about the child."""
    days = {"from": "2026-01-01", "to": "2026-12-31"}
    sent = ruth.send_raw("/audit/looks", _NAMING, {"page": "looks", **_CHILD, **days})
    address = sent.headers["location"]

    page = ruth.get(address)

    assert (sent.status_code, sent.text) == (303, "")
    assert parse_qs(urlsplit(address).query) == {
        "family": [workbench.child],
        "from": ["2026-01-01"],
        "to": ["2026-12-31"],
    }
    assert "Hana Quist" in page.text
    assert "2 looks" in page.text
    entry = _asked(workbench)
    assert (entry.fields["question"], entry.fields["subjects"]) == ("looks", (workbench.child,))
    assert str(entry.entry_id) in page.whole_text
    assert entry.actor == f"practitioner:{workbench.auditor}"


def test_a_number_of_nobody_is_said_and_entered(workbench: Workbench, ruth: PageClient) -> None:
    """What was typed is in no entry; an opaque number of nobody is said as well."""
    before = len(workbench.entries(LedgerEvent.AUDIT_ASKED))
    nobody = {"scheme": "nhs-number", "number": NOBODY}

    page = ruth.send("/audit/looks", _NAMING, {"page": "looks", **nobody})

    assert page.errors == ["Nobody is known by that number"]
    asked = workbench.entries(LedgerEvent.AUDIT_ASKED)[before:]
    assert [(e.fields["question"], e.fields["subjects"]) for e in asked] == [("looks", ())]
    assert NOBODY not in "".join(json.dumps(dict(e.fields), default=str) for e in asked)
    assert ruth.get(f"/audit/looks?family={'0' * 32}", 422).errors == page.errors


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"scheme": "nhs-number", "number": "9990000019"}, "Enter a real NHS number"),
        ({"scheme": "upn", "number": "Ottoline"}, "Enter a real unique pupil number"),
        ({"scheme": "person", "number": "Ottoline"}, "Enter the family record’s number"),
        ({"scheme": "name", "number": "Ottoline"}, "Select which kind of number"),
        ({"scheme": "nhs-number", "number": ""}, "Enter the child’s number"),
        ({**_CHILD, "from": "2026-05-02", "to": "2026-05-01"}, "The first day must not be after"),
    ],
)
def test_what_can_be_nobody_is_wrong_by_its_field(
    workbench: Workbench, ruth: PageClient, form: dict[str, str], said: str
) -> None:
    """Nothing is entered: nothing was asked."""
    before = len(workbench.entries(LedgerEvent.AUDIT_ASKED))

    page = ruth.send("/audit/looks", _NAMING, {"page": "looks", **form})

    assert len(page.errors) == 1
    assert page.errors[0].startswith(said)
    assert len(workbench.entries(LedgerEvent.AUDIT_ASKED)) == before


def test_a_worker_is_named_by_their_staff_number(workbench: Workbench, ruth: PageClient) -> None:
    """One that two agencies give to different people needs the agency as well."""
    form = {"page": "could-see", **_CHILD, "day": workbench.day}
    shown_at = "/audit/could-see"

    one = ruth.send_raw(shown_at, _NAMING, {**form, "staff-number": STAFF_NUMBER})
    two = ruth.send(shown_at, _NAMING, {**form, "staff-number": SHARED_STAFF_NUMBER})
    none = ruth.send(shown_at, _NAMING, {**form, "staff-number": "HV-9"})
    theirs = {"staff-number": SHARED_STAFF_NUMBER, "agency": "E06"}
    chosen = ruth.send_raw(shown_at, _NAMING, {**form, **theirs})

    assert parse_qs(urlsplit(one.headers["location"]).query) == {
        "family": [workbench.child],
        "worker": [workbench.worker],
        "day": [workbench.day],
    }
    assert two.errors == ["Several workers have that number. Choose their agency as well"]
    assert none.errors == ["No worker is known by that number"]
    assert chosen.status_code == 303


def test_a_visit_leads_to_its_looks_and_to_why(workbench: Workbench, ruth: PageClient) -> None:
    """As a file it tells the same."""
    looks = f"/audit/looks?family={workbench.child}"
    page = ruth.get(looks)

    each = ruth.get(next(href for text, href in page.links.items() if text.startswith("Each look")))
    why = ruth.get(next(href for text, href in page.links.items() if text.startswith("Explain")))
    (row,) = _rows(ruth, f"{looks}&as=csv")

    assert each.text.count("Looked at the family’s record") == 2
    assert why.heading == "Explain this access"
    assert (row["name"], row["looks"], row["categories"]) == ("Hana Quist", "2", "child-health")


def test_attempts_and_views_are_narrowed(workbench: Workbench, ruth: PageClient) -> None:
    """By answer, kind, worker, agency, purpose and family; each row says why and leads to it."""
    refused = ruth.get("/audit/access?answer=refused&kind=refusals")
    agency = _rows(ruth, "/audit/access?agency=RY4&kind=looks&as=csv")
    other = _rows(ruth, "/audit/access?agency=E06&kind=looks&as=csv")
    theirs = _rows(ruth, f"/audit/access?worker={workbench.worker}&answer=allowed&as=csv")
    purpose = _rows(ruth, "/audit/access?for=safeguarding&kind=looks&as=csv")
    family = _rows(ruth, f"/audit/access?family={workbench.child}&kind=looks&as=csv")

    assert "No relationship with the family was on record (rule 3)." in refused.text
    assert "Allowed" not in refused.tree.xpath("string(//tbody)")
    assert any(text.startswith("Explain") for text in refused.links)
    assert (len(agency), len(other), len(theirs), len(purpose), len(family)) == (3, 0, 3, 0, 2)
    assert {row["answer"] for row in theirs} == {"allowed"}
    codes = _asked(workbench).fields["codes"]
    assert codes == ("looks",)


def test_what_was_refused_is_counted_by_why(workbench: Workbench, ruth: PageClient) -> None:
    """Of the last week, with the newest."""
    page = ruth.get("/audit/refusals")

    counts = page.tree.xpath("(//table)[1]//tbody/tr")
    cells = [" ".join(row.text_content().split()) for row in counts]
    assert any(
        cell.startswith("Tried to look at the family’s record No relationship") and cell[-1] == "1"
        for cell in cells
    )
    assert _asked(workbench).fields["question"] == "refusals"


def test_an_access_is_explained_with_what_was_on_record(
    workbench: Workbench, ruth: PageClient
) -> None:
    """A refused one with the rule; what is no access says that; what is not there is not found."""
    allowed = ruth.get(f"/audit/explain/{workbench.look(workbench.child).entry_id}")
    no = workbench.look(workbench.stranger, LedgerEvent.PROFILE_READ_REFUSED)
    refused = ruth.get(f"/audit/explain/{no.entry_id}")
    asked = ruth.get(f"/audit/explain/{_asked(workbench).entry_id}")

    assert "Decided once more: the same answer as then." in allowed.text
    assert "Hana Quist saw health of family" in allowed.text
    assert "Agreed to share, consent, by a person with parental responsibility" in allowed.text
    assert "The family was on their case-load, from" in allowed.text
    assert "no relationship with the family was on record (rule 3)" in refused.text
    assert "asked to see nothing of family" in asked.text
    before = len(workbench.entries(LedgerEvent.AUDIT_ASKED))
    ruth.get("/audit/explain/99999999", 404)
    assert len(workbench.entries(LedgerEvent.AUDIT_ASKED)) == before + 1


def test_a_day_of_a_worker_is_told_in_a_sentence_a_picture_and_a_table(
    workbench: Workbench, ruth: PageClient
) -> None:
    """Each look of it leads to why; the file has every span."""
    address = f"/audit/could-see?family={workbench.child}&worker={workbench.worker}"
    page = ruth.get(f"{address}&day={workbench.day}")
    rows = _rows(ruth, f"{address}&day={workbench.day}&as=csv")

    assert "Hana Quist could see" in page.text
    assert "They looked twice and saw nothing that they could not." in page.text
    assert page.tree.xpath("//svg//rect[@class='app-day__yes']")
    assert any(text.startswith("Explain the look at") for text in page.links)
    assert "yes" in {row["could_see"] for row in rows if row["category"] == "child-health"}
    assert _asked(workbench).fields["question"] == "could-see"
    stranger = ruth.get(f"/audit/could-see?family={workbench.stranger}&worker={workbench.worker}")
    assert "They did not look, and were refused once." in stranger.text


def test_home_counts_what_waits_and_leads_to_eight_answers(
    workbench: Workbench, ruth: PageClient
) -> None:
    """What is overdue is marked; its view is entered, and what second hands answer is a link."""
    page = ruth.get("/audit")

    assert ruth.http.get("/").headers["location"] == "/audit"
    assert "Waiting: 2, of which 1 overdue" in page.text
    late = page.tree.find_class("app-late")
    assert ["Emergency access to review" in row.text_content() for row in late] == [True]
    assert "1 overdue since" in page.text
    assert page.links["What waits for you"] == "/orders"
    assert len(page.tree.xpath("//ul[@class='app-tiles']/li")) == 8
    assert str(_asked(workbench).entry_id) in page.whole_text
    assert ruth.get("/orders").heading == "What waits for you"


_WRONG = [
    *(f"/audit/looks?family={{child}}&{wrong}" for wrong in ("from=Ottoline", "before=Ottoline")),
    "/audit/looks?family=Ottoline",
    *(f"/audit/access?{name}=Ottoline" for name in ("family", "worker", "for", "kind")),
    *(f"/audit/access?{name}=Ottoline" for name in ("answer", "to", "before")),
    "/audit/access?agency=Ottoline",
    *(f"/audit/refusals?{name}=Ottoline" for name in ("from", "to", "before")),
    "/audit/could-see?family={child}&worker=Ottoline",
    "/audit/could-see?family=Ottoline",
    "/audit/could-see?family={child}&worker=operator:auditor",
    "/audit/could-see?family={child}&worker={worker}&day=Ottoline",
]


def test_wrong_filters_are_said_and_never_given_back(
    workbench: Workbench, ruth: PageClient
) -> None:
    """422, nothing entered, as a page or as a file."""
    before = len(workbench.entries(LedgerEvent.AUDIT_ASKED))
    with each_case() as case:
        for wrong in _WRONG:
            address = wrong.format(child=workbench.child, worker=workbench.worker)
            with case(wrong):
                for page in (ruth.get(address, 422), ruth.get(f"{address}&as=csv", 422)):
                    assert page.errors
                    assert "Ottoline" not in page.response.text

    assert len(workbench.entries(LedgerEvent.AUDIT_ASKED)) == before


_PAGES = [
    "/audit",
    "/audit/looks",
    "/audit/looks?family={hidden}",
    "/audit/access",
    "/audit/access?family={hidden}&answer=allowed",
    "/audit/refusals",
    "/audit/could-see",
    "/audit/could-see?family={hidden}&worker={worker}",
    "/audit/explain/{look}",
    "/audit/name-a-family?page=could-see",
]


def _addresses(workbench: Workbench) -> list[str]:
    named = {"hidden": workbench.hidden, "worker": workbench.worker}
    return [page.format(look=workbench.look(workbench.hidden).entry_id, **named) for page in _PAGES]


def test_no_page_and_no_file_tells_what_a_record_holds(
    workbench: Workbench, ruth: PageClient
) -> None:
    """Every value of the records is a canary; nor does a title name the child."""
    sent = ruth.send_raw(
        "/audit/looks", _NAMING, {"page": "looks", "scheme": "nhs-number", "number": NUMBER}
    )
    assert sent.headers["location"].startswith(f"/audit/looks?family={workbench.hidden}")
    with each_case() as case:
        for address in _addresses(workbench):
            with case(address):
                page = ruth.get(address)
                more = "&" if "?" in address else "?"
                file = ruth.http.get(f"{address}{more}as=csv").text

                assert found_in(page.response.text + file) == []
                assert workbench.hidden not in page.title


def test_nobody_else_opens_any_of_them(workbench: Workbench) -> None:
    """Whoever works with families is refused at the door, which is entered."""
    worker = workbench.browser(workbench.worker)
    before = len(workbench.entries(LedgerEvent.PAGE_REFUSED))
    addresses = _addresses(workbench)

    for address in addresses:
        assert worker.get(address, 403).heading == "Your role does not open this page"

    refused = workbench.entries(LedgerEvent.PAGE_REFUSED)[before:]
    assert [entry.fields["permission"] for entry in refused] == ["audit"] * len(addresses)


def test_older_rows_begin_where_a_page_ends(workbench: Workbench, ruth: PageClient) -> None:
    """Looks enough for two pages: none is left out, and none comes twice."""
    for _ in range(55):
        workbench.trust.running.read(workbench.stranger)
    kind = "/audit/access?kind=refusals&answer=refused"

    first = ruth.get(kind)
    second = ruth.get(first.links["Older"])
    rows = _rows(ruth, f"{kind}&as=csv")

    assert "Older" not in second.links
    explained = [
        href
        for page in (first, second)
        for href in page.tree.xpath("//tbody//a[starts-with(@href, '/audit/explain/')]/@href")
    ]
    assert len(set(explained)) == len(explained)
    refused = {f"/audit/explain/{row['entry']}" for row in rows}
    assert refused >= set(explained)
    assert len(explained) > 50
