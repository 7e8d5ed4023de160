"""Our own pictures: the same each time, no style attribute, and all that they say beside them."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from lxml import etree
from markupsafe import Markup

from schemas.records.payloads import FactStatus
from schemas.vocabulary import Source
from services.portal.family.pictures.homes import homes_picture
from services.portal.family.pictures.swimlane import involvement
from services.portal.family.pictures.timeline import timeline_picture
from services.portal.family.ringing import who_to_ring
from services.portal.family.since import since_the_last_look
from services.portal.frame.addresses import FamilyAddresses
from services.profile.merging.claims import Claim
from services.profile.model import Profile, Responsibility
from tests.support.portal.portal_builders import (
    SCHOOL,
    a_practitioner,
    a_profile,
    the_wren_family,
)


def drawn(picture: Markup) -> etree._Element:
    """The picture, which must be well formed and have no style."""
    tree = etree.fromstring(str(picture))
    assert not tree.xpath("//@style")
    return tree


def texts(picture: Markup) -> list[str]:
    return [str(text) for text in drawn(picture).xpath("//text/text()")]


def labels_come_last(picture: Markup) -> bool:
    """No line is drawn over a word: all words come after all lines."""
    kinds = [element.tag for element in drawn(picture)]
    first = kinds.index("text")
    return set(kinds[first:]) == {"text"}


def test_the_same_family_is_drawn_by_the_same_bytes():
    """On the same day; and each label after every line."""
    profile = the_wren_family()
    view, again = involvement(profile), involvement(the_wren_family())

    assert (view.wide, view.narrow) == (again.wide, again.narrow)
    assert homes_picture(profile) == homes_picture(the_wren_family())
    for picture in (view.wide, view.narrow, homes_picture(profile)):
        assert labels_come_last(picture)


def test_who_has_been_involved_goes_on_or_is_over():
    """What goes on is filled up to today, what is over is dashed, what was long ago is left out."""
    profile = the_wren_family()
    works = profile.practitioners[0]
    over = replace(
        works, agency_name="Old Mill", until="2026-08-01", is_current=False, status=FactStatus.ENDED
    )
    long_ago = replace(over, agency_name="Long Ago", until="2020-01-01")

    view = involvement(replace(profile, practitioners=(works, over, long_ago)))

    assert [lane.service for lane in view.lanes] == ["Exbury Community NHS Trust", "Old Mill"]
    assert "Exbury Community NHS Trust" in texts(view.wide)
    assert "Long Ago" not in view.wide
    assert view.wide.count("stroke-dasharray") == 1
    assert "Old Mill: 14 May 2024 to 1 August 2026" in view.wide
    assert "Today" in texts(view.narrow)
    assert "Nov" in texts(view.wide)


def test_the_table_says_all_that_the_picture_shows():
    """Every lane with its dates and what happened."""
    view = involvement(the_wren_family())

    (health,) = [lane for lane in view.lanes if lane.has_bar and lane.is_open and lane.events]
    assert health.told == "Since 14 May 2024"
    assert health.happened == "2 to 2½ year review, 3 November 2026"
    assert view.wide.count('fill="#7a1420"') == 1


def test_what_did_not_happen_is_no_event_and_what_is_not_known_says_so():
    """A vaccine that was not given stands nowhere as one that was."""
    profile = the_wren_family()
    before, addresses = datetime(2026, 11, 1, tzinfo=UTC), FamilyAddresses(profile.child)
    found = {}
    for status in FactStatus:
        timeline = tuple(
            replace(entry, occurrence=replace(entry.occurrence, status=status))
            for entry in profile.timeline
        )
        told = replace(profile, timeline=timeline, looked_before=before)
        (health,) = [lane for lane in involvement(told).lanes if "Exbury" in lane.service]
        lines = since_the_last_look(told, addresses).lines
        found[status] = health.happened, [line.text for line in lines if "review" in line.text]

    review, day = "2 to 2½ year review", "3 November 2026"
    for status in (FactStatus.NOT_DONE, FactStatus.PLANNED, FactStatus.IN_ERROR):
        assert found[status][0] == "Nothing with a day"
    assert found[FactStatus.HOLDS] == (f"{review}, {day}", [f"{review}, {day}"])
    assert found[FactStatus.NOT_DONE][1] == [f"{review} (did not take place), {day}"]
    assert found[FactStatus.UNKNOWN][0].startswith(f"{review} (its source does not say whether")


def test_two_teams_of_one_service_are_told_apart_where_nobody_is_named():
    """Whom to ring says which team a number is of; a worker is told by their name."""
    profile = the_wren_family()
    named = replace(profile.practitioners[0], team="North team")
    unnamed = replace(named, practitioner_name=None)

    told = {
        view.practitioner_name: who_to_ring(
            replace(profile, practitioners=(view,)), a_practitioner()
        )
        for view in (named, unnamed)
    }

    assert "North team" not in told[named.practitioner_name][0].from_where
    assert told[None][0].from_where.endswith(", North team")


def test_an_empty_profile_has_no_picture():
    """No empty frame."""
    assert involvement(a_profile()).lanes == ()
    assert homes_picture(a_profile()) == ""


def test_a_name_that_looks_like_markup_is_written_as_it_is():
    """Whatever a source sends."""
    profile = the_wren_family()
    works = replace(profile.practitioners[0], agency_name="<b>&")

    view = involvement(replace(profile, practitioners=(works,)))

    assert "<b>&" in texts(view.wide)


def test_a_child_with_two_homes_stands_in_both():
    """With a dotted line between; the sign says what is stated and the age."""
    picture = homes_picture(the_wren_family())

    said = texts(picture)
    assert said.count("Ava Wren") == 2
    assert any(one.startswith("Father's home: 2 Quay Street") for one in said)
    assert picture.count('stroke-dasharray="2 4"') == 1
    assert "2" in said
    assert picture.count("<circle") == 2


def test_responsibility_is_drawn_only_where_all_who_say_anything_say_so():
    """A second line round who has it; where sources differ the card says who says what."""
    profile = the_wren_family()
    differ = (*profile.kin[0].responsibility, Claim(Responsibility.STATED_NOT, SCHOOL))
    doubted = replace(profile, kin=(replace(profile.kin[0], responsibility=differ),))

    assert "Mother, has parental responsibility" in texts(homes_picture(profile))
    assert "has parental responsibility" not in homes_picture(doubted)


def test_the_year_begins_at_the_same_day_a_year_before():
    """Months stand from left to right, also across the turn of a year."""
    profile = _on(datetime(2026, 1, 20, 12, tzinfo=UTC))

    months = [t for t in texts(involvement(profile).wide) if len(t) == 3]

    assert " ".join(months) == "Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Jan"


def _on(day: datetime) -> Profile:
    return replace(the_wren_family(), as_of=day)


# The timeline.


def test_the_timeline_is_drawn_by_source_with_how_many_at_a_time():
    """Hollow where none of them took place; what has no day is said to stand in the list alone."""
    profile = the_wren_family()
    review, vaccination = profile.timeline
    again = replace(review, date="2026-11-05")
    offered = replace(vaccination, date="2025-06")

    picture = timeline_picture(replace(profile, timeline=(again, review, offered, vaccination)))

    for drawing in (picture.wide, picture.narrow):
        assert labels_come_last(drawing)
        assert [
            drawing.count(f'fill="{fill}" stroke="#00625a"') for fill in ("#00625a", "#ffffff")
        ] == [1, 1]
        assert {"2", "1", "2026", "Today"} <= set(texts(drawing))
    assert "Health visiting: 2, 3 November 2026 to 5 November 2026" in picture.wide
    assert picture.left_out == "One has no date, and stands in the list alone."
    assert picture == timeline_picture(
        replace(profile, timeline=(again, review, offered, vaccination))
    )


def test_a_chosen_source_is_drawn_alone_and_nothing_dated_is_not_drawn():
    """As the list beside it."""
    profile = the_wren_family()

    assert "School" not in texts(timeline_picture(profile, {Source.HEALTH_VISITING}).wide)
    assert timeline_picture(profile, {Source.SCHOOLS}).wide == ""
    assert timeline_picture(a_profile()).wide == ""


def test_a_day_far_away_leaves_the_others_apart():
    """A year that was written down wrongly stands at the edge, and years stay readable."""
    profile = the_wren_family()
    review = profile.timeline[0]
    days = ("0021-05-01", "2019-03-01", "2026-11-03", "9999-12-31")

    picture = timeline_picture(
        replace(profile, timeline=tuple(replace(review, date=day) for day in days))
    )

    for drawing in (picture.wide, picture.narrow):
        years = [int(t.get("x", "")) for t in drawn(drawing).iter("text") if t.text[:2] == "20"]
        assert all(later - earlier >= 40 for earlier, later in pairwise(years))
        centres = [int(c.get("cx", "")) for c in drawn(drawing).iter("circle")]
        assert len(set(centres)) == len(days)
        assert max(centres) < int(drawn(drawing).get("viewBox", "").split()[2])
