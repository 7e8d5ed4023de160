import re
from dataclasses import replace

import pytest
from markupsafe import escape

from schemas.records.payloads import Telecom
from services.portal.frame.portal import read_assets
from tests.support.portal.pages import PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
PAGES = ["", "/story", "/timeline", "/consent", "/who-has-looked"]


@pytest.fixture
def hostile(world: Fake) -> None:
    """A family in whose every text somebody wrote markup."""
    profile = world.services.profiles[CHILD]
    names = tuple(replace(n, given_names=(HOSTILE,)) for n in profile.people[0].names)
    child = replace(profile.people[0], names=names)
    mother = replace(
        profile.people[1],
        telecoms=tuple(
            replace(t, telecom=Telecom("phone", HOSTILE)) for t in profile.people[1].telecoms
        ),
    )
    world.services.profiles[CHILD] = replace(
        profile,
        people=(child, mother),
        relatives=tuple(replace(r, name=HOSTILE, person=None) for r in profile.relatives),
        practitioners=tuple(
            replace(p, service=HOSTILE, practitioner_name=HOSTILE, telephone=HOSTILE)
            for p in profile.practitioners
        ),
        story=tuple(
            replace(s, entry=replace(s.entry, text=HOSTILE, told_by=HOSTILE)) for s in profile.story
        ),
        timeline=tuple(
            replace(
                t,
                occurrence=replace(
                    t.occurrence, title=HOSTILE, outcome=HOSTILE, details=((HOSTILE, HOSTILE),)
                ),
            )
            for t in profile.timeline
        ),
        plans=tuple(replace(p, plan=replace(p.plan, title=HOSTILE)) for p in profile.plans),
    )
    world.record(a_permit_for(CHILD))


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("address", ["/", *(f"/families/{CHILD}{page}" for page in PAGES)])
def test_whoever_is_signed_in_can_sign_out_on_any_page(priya: PageClient, address: str) -> None:
    """By a button that says so (ASVS 7.4.4)."""
    page = priya.get(address)

    (button,) = page.tree.xpath("//form[@action='/sign-out'][@method='post']//button")
    assert button.text_content() == "Sign out"


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("page", PAGES)
def test_markup_in_a_record_is_only_text(priya: PageClient, page: str) -> None:
    """No element or attribute of it comes to life on any page."""
    fetched = priya.get(f"/families/{CHILD}{page}")

    assert not fetched.tree.xpath("//img | //*[@onerror]")
    assert "alert('x')" not in " ".join(fetched.tree.xpath("//script/text()"))


@pytest.mark.usefixtures("hostile")
def test_it_is_still_readable_as_it_was_written(priya: PageClient) -> None:
    """Escaped, not taken away."""
    page = priya.get(f"/families/{CHILD}/story")

    assert str(escape(HOSTILE)) in page.response.text
    assert HOSTILE in page.text


def test_markup_in_a_form_comes_back_as_text(priya: PageClient) -> None:
    """What was typed is in the field, and nowhere alive."""
    add = f"/families/{CHILD}/story/new"

    page = priya.send(add, add, {"told-by": HOSTILE * 2, "text": "</textarea>" + HOSTILE})

    assert not page.tree.xpath("//img | //*[@onerror]")
    assert page.tree.forms[-1].fields["text"].strip() == "</textarea>" + HOSTILE


def test_every_answer_has_its_own_nonce(client: PageClient) -> None:
    """A nonce that can be guessed is worth nothing."""
    policies = {client.get("/sign-in").response.headers["content-security-policy"] for _ in "ab"}

    assert len(policies) == 2


def test_the_headers_that_browsers_heed_are_on_every_answer(client: PageClient) -> None:
    """Also on redirects and failures."""
    for address in ("/", "/sign-in", "/nowhere"):
        headers = client.http.get(address).headers

        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert "geolocation=()" in headers["permissions-policy"]
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_hashed_assets_may_be_kept(client: PageClient) -> None:
    """Their address changes with any byte of them."""
    (address,) = re.findall(
        r'href="(/assets/[^"]+/app\.css)"', client.get("/sign-in").response.text
    )

    response = client.http.get(address)

    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-encoding"] == "gzip"
    assert client.http.get(address, headers={"accept-encoding": "identity"}).text == response.text


@pytest.mark.parametrize(
    "address", ["/assets/0000/app.css", "/assets/{digest}/../app.py", "/assets/{digest}/app.py"]
)
def test_nothing_but_the_assets_is_served(client: PageClient, address: str) -> None:
    """Names are looked up in a list, never in a folder."""
    response = client.http.get(address.format(digest=read_assets().digest))

    assert response.status_code == 404
    assert response.headers["cache-control"] == "no-store"


def test_the_styles_hold_no_licensed_font_and_ask_nobody_else() -> None:
    """GDS Transport may be used on gov.uk services only; the policy lets no other host through."""
    for name, asset in read_assets().files.items():
        text = asset.content.decode("utf-8")
        assert "GDS Transport" not in text
        assert "@font-face" not in text
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", text), name
