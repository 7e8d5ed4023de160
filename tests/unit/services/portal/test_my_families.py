"""My families, by family: brothers and sisters together, one's own before the agency's."""

from datetime import date

from schemas.identifiers import PersonId
from services.portal.front.words import FamiliesView, families_view
from services.profile.families import FamilySummary

TODAY = date(2026, 11, 22)
ZARA, AMIR, AISHA, MAYA = (PersonId(name) for name in ("zara", "amir", "aisha", "maya"))


def a_child(
    person: PersonId,
    *siblings: PersonId,
    family_name: str | None = "Hussain",
    is_agencys: bool = False,
) -> FamilySummary:
    """A line of the list, of whom so much may be read."""
    return FamilySummary(
        person,
        f"{person} {family_name}" if family_name else None,
        "2024-05-19",
        "On the case-load",
        family_name=family_name,
        is_agencys=is_agencys,
        siblings=frozenset(siblings),
    )


def shown(*families: FamilySummary) -> FamiliesView:
    return families_view(families, TODAY)


def test_brothers_and_sisters_stand_under_one_heading() -> None:
    """In the order of the list; whoever else is on it, by themselves."""
    moss = a_child(MAYA, family_name="Moss")

    view = shown(a_child(ZARA, AMIR), moss, a_child(AMIR, ZARA))

    found = [(group.heading, [line.name for line in group.lines]) for group in view.own]
    assert found == [
        ("Hussain family", ["zara Hussain", "amir Hussain"]),
        ("Moss family", ["maya Moss"]),
    ]


def test_one_record_that_says_so_is_enough() -> None:
    """Also where it is the record of the third that ties the others."""
    view = shown(a_child(ZARA), a_child(AMIR), a_child(AISHA, ZARA, AMIR))

    (group,) = view.own
    assert [line.name for line in group.lines] == ["zara Hussain", "amir Hussain", "aisha Hussain"]


def test_one_name_makes_no_family() -> None:
    """Two of one surname may be strangers."""
    view = shown(a_child(ZARA), a_child(AMIR))

    assert [group.heading for group in view.own] == ["Hussain family"] * 2


def test_a_family_of_several_names_has_them_all() -> None:
    """And one of none has no heading."""
    view = shown(
        a_child(ZARA, AMIR), a_child(AMIR, family_name="Reed"), a_child(MAYA, family_name=None)
    )

    assert [group.heading for group in view.own] == ["Hussain and Reed family", ""]


def test_what_is_the_agencys_alone_comes_after() -> None:
    """A family of which one child is one's own is one's own."""
    view = shown(
        a_child(MAYA, family_name="Moss", is_agencys=True),
        a_child(ZARA, AMIR, is_agencys=True),
        a_child(AMIR),
    )

    assert [group.heading for group in view.own] == ["Hussain family"]
    assert [group.heading for group in view.agencys] == ["Moss family"]


def test_what_is_due_stands_with_whom_it_is_about() -> None:
    """As a number of decisions; of the others nothing is said."""
    listed = [a_child(ZARA, AMIR), a_child(AMIR), a_child(MAYA, family_name="Moss")]

    view = families_view(listed, TODAY, [AMIR, MAYA, MAYA])

    due = {line.name: line.due for group in view.own for line in group.lines}
    assert due == {
        "zara Hussain": "",
        "amir Hussain": "A decision is due for review",
        "maya Moss": "2 decisions are due for review",
    }
