"""One child of whom every source says something in words of its own, planted by the real doors."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from connectors.family_hub.story import AddStory, add_story
from schemas.identifiers import DecisionId, PersonId, nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import StoryEntry
from schemas.vocabulary import Purpose, Source
from services.work import unit_of_work
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, a_child_details, an_episode, csc
from tests.support.messages.csc_episodes import ITEMS
from tests.support.messages.ctf import AContact, APupil, ctf
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_child_health import (
    AnEncounter,
    ARelative,
    encounter_message,
    related,
)
from tests.support.messages.nems_messages import professional_contact
from tests.support.partners_database import PartnersOnDatabase, dispositions_of

NUMBER = "9990000220"
UPN = "F999200119077"
BORN = "2019-04-17"
STORY = "Świętosława sleeps on the thistledown sofa"
WRITER = "practitioner:" + "ab" * 16
PROTECTED_POSTCODE = "ZZ9 4QL"
"""Of social care's own, wherever the child was placed: a parent's agreement does not share it."""

WORDS: MappingProxyType[Source, tuple[str, ...]] = MappingProxyType(
    {
        Source.HEALTH_VISITING: (
            "Quillfeather",
            "17 Wherewithal Lane",
            "01632 960977",
            "Eckersley",
            "Ibbotson",
        ),
        Source.SCHOOLS: ("Marchbanks", "4 Netherfold Row", "Peregrine", "ZZ9 9SC"),
        Source.SOCIAL_CARE: ("Ottershaw", "Clementine", PROTECTED_POSTCODE, "SW-7741-PEV"),
        Source.FAMILY_HUB: (STORY, "Grandmother Euphemia"),
    }
)
EVERY_WORD = tuple(word for words in WORDS.values() for word in words)
NUMBERS = (NUMBER, UPN, BORN)


def the_planted_child() -> Subject:
    """Say who the child is, by both numbers."""
    known = (nhs_number_identifier(NUMBER), upn_identifier(UPN))
    return Subject("s", known, Demographics(date_of_birth=BORN))


@dataclass(slots=True)
class Planted:
    """What was planted where: files lie in `folder`; `person` is known once it was decided."""

    running: InProcess
    partners: PartnersOnDatabase
    folder: Path
    persons: list[PersonId] = field(default_factory=list)
    decisions: list[DecisionId] = field(default_factory=list)
    settle: Callable[[], None] = field(init=False)

    def __post_init__(self) -> None:
        """Work as the main job does, unless told otherwise."""
        self.settle = self.running.settle

    @property
    def person(self) -> PersonId:
        """The child."""
        return self.persons[0]

    def permit(self) -> None:
        """Let the family agree to everything."""
        recorded = self.running.decide(
            the_planted_child(), purposes=(Purpose.DIRECT_CARE, Purpose.EARLY_HELP)
        )
        self.persons = list(recorded.decision.subjects)
        self.decisions.append(recorded.decision.id)

    def permit_one_and_know_the_other(self) -> tuple[PersonId, PersonId]:
        """Let the child be two, as health visiting and as schools know them; agree for the first.

        Gives both. Of the second nothing is decided.
        """
        child = the_planted_child()
        by_number, by_upn = (replace(child, identifiers=(one,)) for one in child.identifiers)
        self.persons = list(self.running.decide(by_number).decision.subjects)
        with unit_of_work(self.running.portal) as work:
            return self.person, work.persons.resolve_or_create(by_upn, at=work.now)

    def tokens(self) -> list[str]:
        """By which the child is found, in hexadecimal."""
        with unit_of_work(self.running.outside) as work:
            return [token.hex() for token in work.persons.tokens_of_person(self.person)]

    def plant(self, *sources: Source) -> None:
        """Let these sources tell what they know, or all."""
        files = files_of()
        for source in sources or Source:
            for name, content in files.get(source, {}).items():
                self._ingest(source, name, content)
            match source:
                case Source.SOCIAL_CARE:
                    self.push(csc(_A_CHILD))
                case Source.FAMILY_HUB:
                    self.tell_the_story()
        self.settle()

    def push(self, body: bytes, *, expected: str | None = None) -> None:
        """Push as the council's social care system does."""
        became = dispositions_of(self.partners.push(an_event(body, Source.SOCIAL_CARE)))
        assert expected is None or expected in became, became

    def later(self) -> None:
        """Let a minute go by: what comes then is newer."""
        clock = self.running.outside.clock
        assert isinstance(clock, StandingClock)
        clock.pass_by(timedelta(minutes=1))

    def social_care_purges_the_child(self) -> None:
        """`purge` of the DfE's interface."""
        self.later()
        self.push(csc(a_child(la_child_id=_CARE_ID, purge=True)))
        self.settle()

    def social_care_purges_the_episode(self) -> None:
        """The same for one episode."""
        self.later()
        gone = {"social_care_episode_id": "EP-1", "purge": True}
        self.push(
            csc(a_child(la_child_id=_CARE_ID, child_details=_DETAILS, social_care_episodes=[gone]))
        )
        self.settle()

    def health_visiting_deletes(self) -> None:
        """Both messages, as NEMS deletes."""
        update = {"event_type": "delete", "updated": "2026-10-01T09:00:00+00:00"}
        contact, encounter = AHeader(**update), replace(_ENCOUNTER, **update)
        self._ingest(Source.HEALTH_VISITING, "gone.xml", _a_contact(contact))
        self._ingest(Source.HEALTH_VISITING, "gone-too.xml", _an_encounter(encounter))
        self.settle()

    def the_school_says_less(self) -> None:
        """A full file without the contact that it named before, and with another address."""
        less = replace(_PUPIL, contacts=(), lines=("9 Elsewhere Road",), postcode="ZZ9 7ZZ")
        file = ctf(less, at="2026-10-14T07:30:00").replace(b">partial<", b">full<")
        self._ingest(Source.SCHOOLS, "less.xml", file)
        self.settle()

    def tell_the_story(self) -> None:
        """Write down what the family said."""
        with unit_of_work(self.running.portal) as work:
            entry = StoryEntry(STORY, "Grandmother Euphemia", "A worker", "2026-01-02T03:04:05Z")
            command = AddStory((self.person,), entry, WRITER)
            refused = add_story(command, publishing=work.publishing(Source.FAMILY_HUB, None))
        assert refused == ()

    def park(self) -> None:
        """Let each source send what cannot be read."""
        self._ingest(Source.HEALTH_VISITING, "bad.xml", _cut(_a_contact(AHeader())))
        self._ingest(Source.SCHOOLS, "bad-pupil.xml", ctf(replace(_PUPIL, born="soon")))
        bad = _A_CHILD | {"child_details": _DETAILS | {"date_of_birth": "soon"}}
        self.push(csc(bad), expected="parked")
        self.settle()

    def _ingest(self, source: Source, name: str, content: bytes) -> None:
        path = self.folder / name
        path.write_bytes(content)
        self.running.ingest(source, path)

    def forget_files(self) -> None:
        """Delete the files that were read: they are their owners'."""
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                path.unlink()


_PERSON = APerson(
    nhs_number=NUMBER,
    family="Quillfeather",
    given=("Ottolina",),
    born=BORN,
    lines=("17 Wherewithal Lane",),
    postcode="ZZ9 9ZZ",
    telephone="01632 960977",
)
_ENCOUNTER = AHeader(event="personal-contacts-1")


def _a_contact(header: AHeader) -> bytes:
    return professional_contact(_PERSON, header, practitioner_name="Barnaby Eckersley")


def _an_encounter(header: AHeader) -> bytes:
    relative = related(ARelative(name="Rosamund Ibbotson", telephone="01632 960978"))
    return encounter_message(_PERSON, header, AnEncounter(), relative)


_PUPIL = APupil(
    upn=UPN,
    surname="Marchbanks",
    forename="Lettice",
    born=BORN,
    lines=("4 Netherfold Row",),
    postcode="ZZ9 9SC",
    contacts=(AContact(surname="Marchbanks", forename="Peregrine"),),
    languages=(("M", "pl"),),
)
_CARE_ID = "NC-7741"
_DETAILS = a_child_details(
    unique_pupil_number=UPN,
    first_name="Clementine",
    surname="Ottershaw",
    date_of_birth=BORN,
    postcode=PROTECTED_POSTCODE,
)
_WORKERS = [{"worker_id": "SW-7741-PEV", "start_date": "2026-05-04"}]
_A_CHILD = a_child(
    la_child_id=_CARE_ID,
    child_details=_DETAILS,
    social_care_episodes=[
        an_episode(care_worker_details=_WORKERS, **{name: [item] for name, item in ITEMS.items()})
    ],
)


def files_of() -> dict[Source, dict[str, bytes]]:
    """The files of the sources that send files, by source and name."""
    return {
        Source.HEALTH_VISITING: {
            "contact.xml": _a_contact(AHeader()),
            "encounter.xml": _an_encounter(_ENCOUNTER),
        },
        Source.SCHOOLS: {"pupil.xml": ctf(_PUPIL)},
    }


def _cut(message: bytes) -> bytes:
    """A message whose identifier cannot be read."""
    return message.replace(BORN.encode(), b"soon")
