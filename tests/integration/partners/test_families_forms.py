"""The forms of a family over HTTP: JSON, FHIR, entity tags, HEAD; each look is on record."""

from collections.abc import Iterator

import pytest
from fhir.resources.R4B import get_fhir_model_class

from consent.ledger.events import LedgerEvent
from services.interfaces.partners.ports import Pace
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.partners import NORTHFIELD
from tests.support.people.families import FamiliesOnDatabase, a_known_family, families_on

pytestmark = pytest.mark.postgres

_FHIR = {"Accept": "application/fhir+json"}


@pytest.fixture
def families(outside: Outside) -> Iterator[FamiliesOnDatabase]:
    """Give the families interface over the main job on an empty database."""
    with InProcess.running(outside) as running, families_on(running) as found:
        yield found


def looks(families: FamiliesOnDatabase) -> int:
    """Count the readings on the ledger."""
    return len(families.running.ledger(LedgerEvent.PROFILE_READ_THROUGH_PARTNER))


def test_a_family_as_fhir_is_valid_and_says_where_everything_is_from(families: FamiliesOnDatabase):
    """Each entry a source, or a Provenance that points at it."""
    child, mother = a_known_family(families.running)

    answer = families.get(child, **_FHIR)

    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = answer.json()
    get_fhir_model_class("Bundle").model_validate(bundle)
    resources = [entry["resource"] for entry in bundle["entry"]]
    persons = [r["id"] for r in resources if r["resourceType"] == "Patient"]
    assert persons == [child, mother]
    targets = {r["target"][0]["reference"] for r in resources if r["resourceType"] == "Provenance"}
    told = {e["fullUrl"] for e in bundle["entry"] if "source" in e["resource"].get("meta", {})}
    own = {"Provenance", "OperationOutcome", "Group"}
    of_a_source = {
        e["fullUrl"] for e in bundle["entry"] if e["resource"]["resourceType"] not in own
    }
    assert of_a_source <= told | targets


def test_who_has_the_tag_is_told_that_nothing_changed(families: FamiliesOnDatabase):
    """Without content; whoever looked is on record as often as they looked."""
    child, _ = a_known_family(families.running)
    first = families.get(child)
    tag = first.headers["etag"]

    again = families.get(child, **{"If-None-Match": f'"other", W/{tag}'})
    other = families.get(child, **{"If-None-Match": '"other"'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (other.status_code, other.headers["etag"]) == (200, tag)
    assert other.content == first.content
    assert looks(families) == 3


def test_each_form_has_a_tag_of_its_own(families: FamiliesOnDatabase):
    """And says on what it depends; it may be kept by its reader alone, and not shown unasked."""
    child, _ = a_known_family(families.running)

    as_json, as_fhir = families.get(child), families.get(child, **_FHIR)

    assert as_json.headers["etag"] != as_fhir.headers["etag"]
    for answer in (as_json, as_fhir):
        assert answer.headers["etag"].startswith('"')
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["vary"] == "Accept, Authorization"


def test_the_tag_is_another_when_the_family_is(families: FamiliesOnDatabase):
    """Somebody else's view of what is permitted is another too."""
    child, mother = a_known_family(families.running)
    before = families.get(child)

    families.running.restrict(mother)
    after = families.get(child, **{"If-None-Match": before.headers["etag"]})

    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]


def test_head_is_answered_like_get_without_content(families: FamiliesOnDatabase):
    """With the same headers, and with the look on record."""
    child, _ = a_known_family(families.running)
    path, headers = f"/api/v1/families/{child}", families.token()

    got, head = families.get(child, headers), families.http.head(path, headers=headers)
    nobody = families.http.head(f"/api/v1/families/{'0' * 32}", headers=headers)

    same = ("etag", "content-length", "content-type", "cache-control", "vary")
    assert head.content == b""
    assert [head.headers[n] for n in same] == [got.headers[n] for n in same]
    assert nobody.status_code == 403
    assert looks(families) == 2


def test_a_form_that_is_not_offered_is_refused_before_anybody_is_asked_for(
    families: FamiliesOnDatabase,
):
    """Nothing was looked at, so no look is on record."""
    child, _ = a_known_family(families.running)

    answer = families.get(child, Accept="application/xml")

    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert looks(families) == 0
    assert families.running.ledger(LedgerEvent.PROFILE_READ_THROUGH_PARTNER_REFUSED) == []


def test_who_asks_too_often_is_told_to_wait(families: FamiliesOnDatabase):
    """As everywhere for partners."""
    families.partners.onboard(NORTHFIELD, pace=Pace(0.01, 2))
    headers = families.token()

    first, second = (families.get("0" * 32, headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (403, 429)
    assert int(second.headers["retry-after"]) > 0
    assert second.headers["cache-control"] == "no-store"
