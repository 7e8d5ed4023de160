"""What a case of the walk is made of, and what may be answered."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from schemas.vocabulary import LabelledCode, Role


class Standing(LabelledCode):
    """What somebody has to do with a person, by the grounds of section 16."""

    STRANGER = "stranger", "nothing"
    OWN = "own", "own only"
    CASE_LOAD = "case-load", "case-load"
    LEADS = "leads", "case-load, by the list of leads"
    REFERRAL = "referral", "referral"
    COVER = "cover", "cover"
    CONFIRMED = "family-confirmed", "family, confirmed"
    UNCONFIRMED = "family-unconfirmed", "family, not confirmed"
    EMERGENCY = "emergency", "emergency"


class Person(LabelledCode):
    """What is on record about the person asked about."""

    SHARED = "shared", "shared"
    NOTHING = "nothing", "nothing decided"
    REFUSED = "refused", "refused to this agency"
    WITHDRAWN = "withdrawn", "withdrawn"
    RESTRICTED = "restricted", "restricted"
    EXCLUDED = "excluded", "whoever asks is excluded"
    UNKNOWN = "unknown", "unknown"


class Answer(LabelledCode):
    """What a door answers: a closed list."""

    SHOWN = "shown", "shown"
    NOTHING = "nothing", "the page that nothing is shared"
    REFUSAL = "refusal", "the one refusal"
    ROLE = "role", "the page that the role opens nothing"
    FORM = "form", "a form"
    DONE = "done", "done"
    TAKEN = "taken", "taken, without a word on whether anybody is known"
    NOT_FOUND = "not-found", "not found"
    CHANGED = "changed", "that it was changed before"
    ELSEWHERE = "elsewhere", "sent to a page of one's own"
    LISTED = "listed", "listed"
    NOT_LISTED = "not-listed", "not listed"
    NOT_SIGNED_IN = "not-signed-in", "that nobody is signed in, or out, by it"
    YES = "yes", "yes"
    NO = "no", "no"


class Part(StrEnum):
    """What is held about a person, each told by words that stand nowhere else."""

    CONTACT = "Name"
    PLACE = "Place"
    NEEDS = "Communication needs"
    PRACTITIONERS = "Who works with them"
    STORY = "Story"
    HEALTH = "Timeline"
    SAFEGUARDING = "Safeguarding"
    THIRD_PARTY = "About others"


class Doors(LabelledCode):
    """A family of doors."""

    PAGES = "pages", "Pages of the portal"
    MACHINES = "machines", "Interfaces for other systems"
    COMMANDS = "commands", "Commands that name a practitioner"


class OpenTo(Enum):
    """Whose roles a door is for (section 10)."""

    ANYBODY = auto()
    SIGNED_IN = auto()
    FAMILIES = auto()
    STEWARDS = auto()
    OFFICERS = auto()
    REPORTS = auto()
    SECOND_HANDS = auto()
    STAFF = auto()
    ACCOUNTS = auto()
    AUDIT = auto()
    FIGURES = auto()


class Rule(Enum):
    """By which sentence of the design a door answers."""

    SAME_TO_ALL = auto()
    HOME = auto()
    READS = auto()
    READS_ON = auto()
    SHARING = auto()
    WRITES = auto()
    SAYS_NO = auto()
    PROTECTS = auto()
    TAKES_BACK = auto()
    ONE_DECISION = auto()
    CHANGES_DECISION = auto()
    AUDITS_DECISION = auto()
    STORY_FORM = auto()
    SAYS_STORY = auto()
    ONE_ENTRY = auto()
    CHANGES_ENTRY = auto()
    OBJECTS = auto()
    FINDS = auto()
    EMERGENCY = auto()
    ASKED_HEALTH = auto()
    ASKED_NEEDS = auto()
    RESTRICTIONS = auto()
    REPORT = auto()


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. `name` is its method and path, or its words as a command.

    `answers` is what it says where the rule is that it says the same to all for whom it is;
    `shows_all` that everything which may be shown is on it.
    """

    name: str
    doors: Doors
    open_to: OpenTo
    rule: Rule
    answers: Answer = Answer.SHOWN
    shows_all: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody of a role and a standing asks at a door about a person."""

    door: Door
    role: Role
    standing: Standing
    person: Person

    def __str__(self) -> str:
        return f"{self.door.name} as {self.role}, {self.standing}, about {self.person}"
