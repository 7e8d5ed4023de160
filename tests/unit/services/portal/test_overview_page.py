from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.records.kinds import MessageKind
from schemas.records.payloads import FactStatus, RelationshipKind
from schemas.vocabulary import Purpose, Source
from services.profile.model import Profile, UnreadHere
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD, a_person, a_profile, the_wren_family
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

ADDRESS = f"/families/{CHILD}"


@pytest.fixture
def overview(priya: PageClient, world: Fake) -> Page:
    """The overview of a family of whom much is known."""
    world.record(a_permit_for(CHILD))
    return priya.get(ADDRESS)


@pytest.fixture
def people(priya: PageClient, world: Fake) -> Page:
    """People and support of the same family."""
    world.record(a_permit_for(CHILD))
    return priya.get(f"{ADDRESS}/people")


def the_people_of(profile: Profile, priya: PageClient, world: Fake) -> Page:
    the_overview_of(profile, priya, world)
    return priya.get(f"{ADDRESS}/people")


def the_overview_of(profile: Profile, priya: PageClient, world: Fake) -> Page:
    world.services.profiles[CHILD] = profile
    world.record(a_permit_for(CHILD))
    return priya.get(ADDRESS)


def test_practitioners_are_there_with_a_number_to_ring(overview: Page) -> None:
    """A touch rings them."""
    assert overview.links["Ring Priya Nair on 01632 960 456"] == "tel:01632960456"
    assert "Health visitor, Health visiting, Exbury Community NHS Trust" in overview.text
    assert overview.text.index("Who to ring") < overview.text.index("Since you last looked")


def test_who_leads_comes_after_oneself_and_says_when_they_answer(
    priya: PageClient, world: Fake
) -> None:
    """In their source's own word for it, and in the agency's own words for its hours."""
    profile = the_wren_family()
    first, *others = profile.practitioners
    lead = replace(
        first,
        practitioner_name="Tom Bartlett",
        agency_name="Brookside Primary",
        provenance=replace(first.provenance, source=Source.SCHOOLS),
        role="Lead Professional",
        telephone="01632 960401",
        hours="Monday to Saturday, 9am to 6pm",
    )
    silent = replace(lead, practitioner_name="Una Thwaite", role="Clerk", telephone=None)

    page = the_overview_of(
        replace(profile, practitioners=(*others, silent, first, lead)), priya, world
    )

    of_hub = replace(lead.provenance, source=Source.FAMILY_HUB)
    own_word = replace(lead, service="Brookside Primary", provenance=of_hub)
    by_own_word = the_overview_of(replace(profile, practitioners=(own_word,)), priya, world)

    assert by_own_word.tree.find_class("app-ring")[0].text_content().count("Lead") == 1
    ring = page.tree.find_class("app-ring")[0].text_content()
    assert ring.index("You") < ring.index("Tom Bartlett") < ring.index("Una Thwaite")
    assert "Tom Bartlett Lead" in " ".join(ring.split())
    assert ring.count("Monday to Saturday, 9am to 6pm") == 1
    assert ring.count("Lead") == 2


def test_who_works_with_them_since_when_stands_with_the_people(people: Page) -> None:
    """With the number again, the team, and who says so."""
    assert "Priya Nair, Health visitor" in people.text
    assert people.links["Ring Health visiting on 01632 960 456"] == "tel:01632960456"
    assert "With Ava Wren, since 14 May 2024" in people.text


def test_a_missing_number_is_said_in_words(overview: Page) -> None:
    """Nobody looks for a number that nobody gave."""
    assert "No telephone number given in anything that is shared with you" in overview.text
    assert "Practitioner not named by the source" in overview.text


def test_those_who_were_involved_before_are_apart(people: Page) -> None:
    """They are not among those who work with the family now."""
    now, _, before = people.text.partition("Who worked with the family before")

    assert "Midwifery" not in now
    assert "Midwifery" in before


def test_who_is_planned_or_not_known_to_go_on_is_said_to_be(priya: PageClient, world: Fake) -> None:
    """Apart from those who work with the family now, with a number only where it may go on."""
    (works,) = the_wren_family().practitioners[:1]
    told = {
        FactStatus.PLANNED: "Nobody to ring yet: this is planned",
        FactStatus.UNKNOWN: "01632 960 456",
        FactStatus.ENDED: "Nobody to ring: this is over",
    }
    views = tuple(
        replace(
            works,
            service=f"Service {status}",
            status=status,
            is_current=False,
            telephone=works.telephone if status is FactStatus.UNKNOWN else None,
        )
        for status in told
    )
    page = the_people_of(replace(a_profile(), practitioners=views), priya, world)

    now, _, later = page.text.partition("Planned, or not known to go on")
    later, _, before = later.partition("Who worked with the family before")
    assert "No practitioner recorded as working with the family now" in now
    assert "Service planned" in later
    assert "not known whether it goes on, since 14 May 2024" in later
    assert "Service ended" in before
    assert all(words in page.text for words in told.values())


def test_sources_that_differ_stand_side_by_side(people: Page) -> None:
    """Each with its source and date; nobody chooses between them."""
    assert "14 Mill Lane, Exbury, EX1 1AA Health visiting, 3 November 2026" in people.text
    assert "2 Quay Street, Exbury, EX1 2BB School, 1 September 2026" in people.text
    assert "Sources differ" in people.text


def test_a_date_of_birth_has_the_age_with_it(people: Page) -> None:
    """As of the day of the look."""
    assert "3 May 2024, 2 years old" in people.text
    assert "11 February 1997, 29 years old" in people.text


def test_a_parent_whom_nobody_recorded_is_said_in_words(people: Page) -> None:
    """The father is not left out in silence; the mother is there."""
    assert "Father not recorded in anything that is shared with you" in people.text
    assert "Mother not recorded" not in people.text


def test_who_people_are_says_what_was_not_stated(people: Page) -> None:
    """Not stated is not no."""
    assert "Who they are Mother" in people.text
    assert "Parental responsibility Has parental responsibility Health visiting" in people.text
    assert "Household Same household as the child Health visiting, 3 November 2026" in people.text
    assert "Who they are Grandparent School, 1 September 2026" in people.text
    assert "Parental responsibility Not stated in anything" in people.text


def test_what_comes_under_a_duty_says_so(overview: Page) -> None:
    """In the header, at the plan, and in a sentence."""
    assert "Shared under a legal duty" in overview.whole_text
    assert "not because the family agreed" in overview.text


def test_a_protected_address_warns_whoever_sees_it(overview: Page) -> None:
    """They must tell nobody."""
    assert "Tell nobody where this family is" in overview.text
    assert "Protected address: tell nobody" in overview.whole_text


def test_every_source_says_what_it_has(overview: Page) -> None:
    """None is left blank."""
    assert "Has records that are shared with you" in overview.text
    said = "Family hub: Has not sent anything to this service yet. Last heard from: Never."
    assert said in overview.text


def test_what_is_not_shared_says_why(overview: Page) -> None:
    """Where its existence may be told."""
    assert (
        "School, attendance and support for learning (School). The family refused to share this."
        in overview.text
    )


def test_the_purpose_is_shown_and_another_can_be_chosen(
    overview: Page, priya: PageClient, world: Fake
) -> None:
    """The look is for that purpose, and the links keep it."""
    assert "for this purpose: Early help" in overview.text
    world.record(a_permit_for(CHILD, purposes=frozenset({Purpose.SAFEGUARDING})))

    page = priya.get(f"{ADDRESS}?purpose=safeguarding")

    assert "for this purpose: Safeguarding" in page.text
    assert page.links["Their story"] == f"{ADDRESS}/story?purpose=safeguarding"


def test_no_name_is_in_the_title(overview: Page) -> None:
    """Titles stay in the history of a shared computer."""
    assert overview.title == "Overview: family record WREN01 – Tell Once – Exbury Council"


def test_a_profile_without_facts_has_no_blank(priya: PageClient, world: Fake) -> None:
    """Every absence is a sentence."""
    overview = the_overview_of(a_profile(), priya, world).text
    page = the_people_of(a_profile(), priya, world)

    for sentence in (
        "No practitioner recorded as working with the family now",
        "Nothing is written down of this family’s story",
        "Nothing is recorded on the timeline",
        "Name not given in anything that is shared with you",
        "Date of birth not given in anything that is shared with you",
        "No address given in anything that is shared with you",
        "No telephone number given in anything that is shared with you",
        "No communication needs recorded in anything that is shared with you",
        "Mother not recorded in anything that is shared with you",
        "Father not recorded in anything that is shared with you",
        "No plan recorded in anything that is shared with you",
        "There is nothing more that you may be told exists",
    ):
        assert sentence in f"{overview} {page.text}"


def test_a_parent_without_saying_which_is_neither_missing(priya: PageClient, world: Fake) -> None:
    """Then nobody can say that the mother or the father is not recorded."""
    parent = a_person(relation=RelationshipKind.PARENT)
    people = (a_person(), replace(parent, id=world.unknown))
    profile = replace(a_profile(), people=people, parents_not_named=())

    page = the_people_of(profile, priya, world)

    assert "not recorded in anything that is shared with you Who lives" not in page.text
    assert "Father not recorded" not in page.text


def test_a_newborn_without_a_name_is_called_so(priya: PageClient, world: Fake) -> None:
    """A placeholder is not taken for a name."""
    named = world.services.profiles[CHILD].people[0]
    name = replace(named.names[0], is_placeholder=True)
    child = replace(named, placeholder_name=True, names=(name,))

    page = the_people_of(replace(a_profile(), people=(child,)), priya, world)

    assert "Ava Rose Wren (not yet named)" in page.text


def test_an_unknown_purpose_is_malformed(priya: PageClient) -> None:
    """The page names the parameter and not what was sent."""
    page = priya.get(f"{ADDRESS}?purpose=curiosity", 422)

    assert "query.purpose: enum" in page.text
    assert "curiosity" not in page.response.text


def test_what_could_not_be_read_is_said_first_and_nothing_reassures(
    priya: PageClient, world: Fake
) -> None:
    """Not only in the table of sources: no sentence says that there is nothing and stops."""
    profile = a_profile()
    unread = UnreadHere(1, profile.as_of, (MessageKind.SAFETY_ALERT,))
    sources = tuple(replace(status, unread=unread) for status in profile.sources)

    page = the_overview_of(replace(profile, sources=sources), priya, world)

    said = "Something was sent about this child that could not be read."
    assert said in page.text.partition("In their own words")[0]
    assert "1 message could not be read: a safety alert. Ask the source" in page.text
    beside = "that is shared with you. A source has more than is shown here"
    assert beside in page.text
    assert beside in priya.get(f"{ADDRESS}/people").text
    assert said not in the_overview_of(profile, priya, world).text


def test_every_page_of_a_record_names_whose_it_is(priya: PageClient, world: Fake) -> None:
    """In its header with birth and reference; no title and no address does."""
    world.record(a_permit_for(CHILD))
    pages = ("", "/story", "/timeline", "/people", "/consent", "/consent/new", "/who-has-looked")

    for address in pages:
        page = priya.get(f"{ADDRESS}{address}")

        (header,) = page.tree.find_class("app-record")
        said = " ".join(header.text_content().split())
        assert "Ava Wren Born 3 May 2024, 2 years old · Family record WREN01" in said, address
        assert "Ava" not in page.title


def test_what_is_new_since_ones_last_look_is_told_by_its_own_day(
    priya: PageClient, world: Fake
) -> None:
    """What a source only sent again is told as that; who never looked is told so."""
    profile = world.services.profiles[CHILD]
    before = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

    first = the_overview_of(profile, priya, world).text
    again = the_overview_of(replace(profile, looked_before=before), priya, world)
    later = replace(profile, looked_before=datetime(2026, 11, 20, 9, tzinfo=UTC))
    nothing = the_overview_of(later, priya, world).text

    assert "You have not looked at this family before." in first
    assert "You looked on 2 November 2026 at 9:30am." in again.text
    assert again.links["2 to 2½ year review, 3 November 2026"] == f"{ADDRESS}/timeline"
    assert "MMR vaccination," not in again.text.partition("In their own words")[0]
    assert "Nothing that is shared with you has come since." in nothing
