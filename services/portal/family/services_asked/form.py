"""The form by which a service is asked: what it is told, who agrees, who is in the room.

No field is for an address, and nothing is filled in from a record: what a service is told is what
the family says now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consent.circumstances import Channel, Circumstances, Present
from consent.model import Decider, DeciderKind
from schemas.identifiers import PersonId
from services.interfaces.connections.days.times import PERIODS
from services.interfaces.connections.model import (
    MOST_NAME,
    MOST_WORDS,
    Ask,
    StoryTold,
    WhatIsTold,
    YesSaid,
)
from services.interfaces.directory.entries.needs import Need
from services.interfaces.directory.search.asked import ServicesAsked
from services.people.deciders.naming import NamedChoice
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.words.cards import Item
from services.profile.model import StoryView

THEMSELVES, FOR_CHILD = "self:", "for:"
FIELDS: Final = ("name", "number", "email", "reach", "language", "why", "whom", "room", "period")
PERIOD_WORDS: Final[Mapping[str, str]] = {
    str(PERIODS[0]): "3 months",
    str(PERIODS[1]): "6 months",
    str(PERIODS[2]): "A year",
}
USUAL_PERIOD: Final = str(PERIODS[1])
ROOM: Final[Mapping[str, str]] = {
    Present.ALONE.value: "They and I, nobody else",
    Present.PROFESSIONAL_INTERPRETER.value: "An interpreter who is not family",
    Present.OTHER_RELATIVE.value: "Another relative or friend",
    Present.PARTNER.value: "Their partner",
    Present.RELATIVE_INTERPRETING.value: "A relative, who interprets",
}
_LONGEST: Final = {"name": MOST_NAME, "number": 40, "email": 254, "language": 120}


@dataclass(frozen=True, slots=True, repr=False)
class MayAgree:
    """Who may agree here: adults for themselves, by name; parents who may decide for the child."""

    adults: tuple[tuple[PersonId, str], ...]
    child: PersonId
    child_name: str
    parents: tuple[NamedChoice, ...] = ()

    def items(self, chosen: str) -> list[Item]:
        """The radios of the question."""
        found: list[tuple[str, str]] = [
            (f"{THEMSELVES}{person}", f"{name}, for themselves") for person, name in self.adults
        ]
        found += [
            (f"{FOR_CHILD}{one.reference}", f"{one.name}, for {self.child_name}")
            for one in self.parents
        ]
        return [{"value": v, "text": text, "checked": v == chosen} for v, text in found]

    def agreement(self, chosen: str, told: Circumstances) -> YesSaid | None:
        """What was chosen, where it is one of these."""
        if chosen.startswith(THEMSELVES):
            person = PersonId(chosen.removeprefix(THEMSELVES))
            if person in {one for one, _ in self.adults}:
                return YesSaid(person, Decider(DeciderKind.ADULT_SELF, "themselves"), told)
        reference = chosen.removeprefix(FOR_CHILD)
        if chosen.startswith(FOR_CHILD) and reference in {one.reference for one in self.parents}:
            decider = Decider(DeciderKind.PARENT, reference)
            return YesSaid(self.child, decider, told, is_chosen=True)
        return None


def read_ask(
    form: Submitted,
    errors: FormErrors,
    *,
    service: str,
    may_agree: MayAgree,
    story: Collection[StoryView],
) -> Ask | None:
    """What is asked, or what is wrong with the form."""
    room, period = form.text("room"), form.text("period")
    present = frozenset({Present(room)}) if room in ROOM else frozenset()
    agreed = may_agree.agreement(
        form.text("whom"), Circumstances(channel=Channel.IN_PERSON, present=present)
    )
    if agreed is None:
        errors.add("whom", "Select who agrees")
    told = _told(form, errors, story)
    if room not in ROOM:
        errors.add("room", "Select who is in the room")
    if period not in PERIOD_WORDS:
        errors.add("period", "Select how long a service that says yes may see it")
    if errors or agreed is None:
        return None
    return Ask(service, told, (agreed,), int(period))


def _told(form: Submitted, errors: FormErrors, story: Collection[StoryView]) -> WhatIsTold:
    texts = {name: form.text(name) for name in FIELDS[:6]}
    if not texts["name"]:
        errors.add("name", "Enter the name of the one whom they would ring")
    if not texts["number"] and not texts["email"]:
        errors.add("number", "Enter a telephone number or an email")
    for name, text in texts.items():
        most = _LONGEST.get(name, MOST_WORDS)
        if len(text.replace("\r\n", "\n")) > most:
            errors.add(name, f"Use {most} characters or fewer")
    if texts["email"] and "@" not in texts["email"]:
        errors.add("email", "Enter an email address in the correct format, like name@example.com")
    known = {one.key: one for one in story}
    chosen = [known[key] for key in form.chosen("story") if key in known]
    return WhatIsTold(**texts, story=tuple(StoryTold(one.key, one.entry.text) for one in chosen))


def may_be_told(story: Sequence[StoryView]) -> list[StoryView]:
    """The entries that can be told at all: as they stand, and kept to nobody."""
    return [one for one in story if not one.kept_to and one.corrected_by is None]


def story_items(story: Sequence[StoryView], chosen: Collection[str]) -> list[Item]:
    """The entries to tick, none of them ticked before somebody does."""
    return [
        {"value": one.key, "text": f"“{one.entry.text}”", "checked": one.key in chosen}
        for one in story
    ]


def carried(form: Submitted) -> list[tuple[str, str]]:
    """What goes on from the page that is read aloud, in the form that sends it."""
    plain = [(name, form.text(name)) for name in FIELDS]
    return [*plain, *(("story", key) for key in form.chosen("story"))]


def read_sought(form: Submitted, errors: FormErrors) -> ServicesAsked | None:
    """What is looked for: a need or words, which are kept nowhere."""
    need = form.text("need")
    words = form.text("words")[:MOST_NAME]
    known = next((one for one in Need if one.value == need), None)
    if known is None and not words:
        errors.add("need", "Select what they want help with, or enter a word")
        return None
    return ServicesAsked(need=known, words=words, per_page=30)
