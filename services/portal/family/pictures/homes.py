"""The homes of a family as a picture: who lives where, how old, who has parental responsibility.

Signs as in a genogram: a square is male, a circle female, a diamond not stated, with the age in it;
a cross through it is somebody who has died; a second line round it is parental responsibility. A
child with two homes stands in both, with a dotted line from the one to the other. Own SVG in
presentation attributes alone; labels come after lines; the cards beside it say the same. The same
family on the same day gives the same bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from markupsafe import Markup

from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.portal.family.people import address_in_words
from services.portal.family.pictures.drawing import BAR, GREY, INK, cut, svg, text
from services.portal.words.dates import age_in_words
from services.portal.words.people import Names, kind_in_words, names_in
from services.profile.model import (
    HouseholdMember,
    HouseholdView,
    PersonView,
    Profile,
    Responsibility,
)

_WIDTH, _ROW, _HEAD, _GAP = 360, 46, 44, 18
_SIGN, _SIZE = 44, 17
_MOST_LETTERS = 36


@dataclass(frozen=True, slots=True, repr=False)
class _Member:
    """One who lives there, as the picture says it."""

    person: PersonId | None
    name: str
    about: str
    sign: str
    age: str
    has_died: bool
    has_responsibility: bool


def homes_picture(profile: Profile) -> Markup:
    """Draw the homes of a profile; nothing where no source tells of any."""
    if not profile.households:
        return Markup("")
    names, today = names_in(profile), uk_day(profile.as_of)
    people = {person.id: person for person in profile.people}
    responsible = {
        kin.person
        for kin in profile.kin
        if kin.person is not None and _has_it(tuple(c.value for c in kin.responsibility))
    }
    homes = [
        (home, [_member(one, people, names, responsible, today) for one in home.members])
        for home in profile.households
    ]
    return _drawn(homes, profile.child)


def _has_it(claims: tuple[Responsibility, ...]) -> bool:
    """Where sources differ the picture draws no line: the card says who says what."""
    return bool(claims) and all(claim is Responsibility.STATED for claim in claims)


def _member(
    member: HouseholdMember,
    people: Mapping[PersonId, PersonView],
    names: Names,
    responsible: set[PersonId],
    today: date,
) -> _Member:
    person = people.get(member.person) if member.person is not None else None
    kind = kind_in_words(member.kind)
    name = names.of(person.id) if person else member.name or f"{kind}, name not given"
    has_it = member.person in responsible
    dead = person is not None and person.death is not None
    age = None if person is None or dead else age_in_words(person.date_of_birth, today)
    about = ", ".join((kind, "has parental responsibility") if has_it else (kind,))
    return _Member(
        member.person, name, about, person.sex or "" if person else "", _short(age), dead, has_it
    )


def _short(age: str | None) -> str:
    """An age that fits into a sign: years alone, weeks and months with their letter."""
    number, _, unit = (age or "").partition(" ")
    return number if unit.startswith("year") else f"{number}{unit[:1]}"


def _drawn(homes: list[tuple[HouseholdView, list[_Member]]], child: PersonId) -> Markup:
    lines: list[Markup] = []
    labels: list[Markup] = []
    at: list[int] = []
    y = 4
    for home, members in homes:
        high = _HEAD + _ROW * len(members)
        lines.append(_box(y, high))
        labels.append(text((16, y + 26), cut(_where(home), _MOST_LETTERS), 15, bold=True))
        for number, member in enumerate(members):
            middle = y + _HEAD + _ROW * number + _ROW // 2 - 4
            if member.person == child:
                at.append(middle)
            lines += _sign(member, middle)
            labels += _labels(member, middle)
        y += high + _GAP
    lines[:0] = [_dotted(one, other) for one, other in pairwise(at)]
    said = " ".join(_in_words(home, members) for home, members in homes)
    words = ("Who lives where", said)
    return svg("homes", (_WIDTH, y), words, lines, labels, classes="app-homes")


def _where(home: HouseholdView) -> str:
    where = address_in_words(home.address) if home.address else "With the child"
    return where if home.use == "home" else f"{home.use.capitalize()}: {where}"


def _in_words(home: HouseholdView, members: list[_Member]) -> str:
    who = "; ".join(f"{one.name} ({one.about.lower()})" for one in members)
    return f"{_where(home)}: {who}."


def _sign(member: _Member, y: int) -> Iterator[Markup]:
    yield _outline(member.sign, y, _SIZE)
    if member.has_responsibility:
        yield _outline(member.sign, y, _SIZE + 4)
    if member.has_died:
        x = _SIGN
        yield Markup('<path d="M{} {}l24 24m0 -24l-24 24" stroke="{}" stroke-width="2"/>').format(
            x - 12, y - 12, INK
        )


def _outline(sex: str, y: int, size: int) -> Markup:
    fill = "#ffffff" if size == _SIZE else "none"
    drawn = Markup('fill="{}" stroke="{}" stroke-width="2"/>').format(fill, BAR)
    if sex == "male":
        square = Markup('<rect x="{}" y="{}" width="{}" height="{}" ')
        return square.format(_SIGN - size, y - size, 2 * size, 2 * size) + drawn
    if sex == "female":
        return Markup('<circle cx="{}" cy="{}" r="{}" ').format(_SIGN, y, size) + drawn
    diamond = Markup('<path d="M{} {}l{} {}l-{} {}l-{} -{}z" ')
    return diamond.format(_SIGN, y - size, size, size, size, size, size, size) + drawn


def _labels(member: _Member, y: int) -> Iterator[Markup]:
    if member.age:
        yield text((_SIGN, y + 5), member.age, 14, anchor="middle")
    yield text((78, y - 3), cut(member.name, _MOST_LETTERS), 15, bold=True)
    yield text((78, y + 15), cut(member.about, _MOST_LETTERS), 14, fill=GREY)


def _box(y: int, high: int) -> Markup:
    return Markup(
        '<rect x="2" y="{}" width="{}" height="{}" fill="none" stroke="{}" stroke-width="2"/>'
    ).format(y, _WIDTH - 4, high, GREY)


def _dotted(one: int, other: int) -> Markup:
    return Markup(
        '<path d="M{} {}H12V{}H{}" fill="none" stroke="{}" stroke-width="2" '
        'stroke-dasharray="2 4"/>'
    ).format(_SIGN, one, other, _SIGN, BAR)
