"""What the table of Digital Child Health says of each event: shown, and left where it is."""

from collections.abc import Mapping
from typing import Final

from connectors.health_visiting.nems.events import EventCode

_OWN = "as before (NEMS)"
_WORDS = "what was written freely"

EVENTS: Final[Mapping[EventCode, tuple[str, str]]] = {
    EventCode.ADDITIONAL_DEMOGRAPHICS: (
        "the person: names, birth, addresses, telephone, language",
        "ethnic category, religion and what else the register holds",
    ),
    EventCode.ADMISSION: (
        "when, where; reason, way in, source of admission, findings",
        "the ward, the specialty, who came along",
    ),
    EventCode.ALLERGIES: (
        "each allergy with its reaction; over or not confirmed where it says so; none refuted",
        f"certainty, evidence and comment: {_WORDS}",
    ),
    EventCode.ASSESSMENT_SCALES: (_OWN, _WORDS),
    EventCode.BIRTH_DETAILS: (
        "gestation, Apgar scores, births at the delivery, kind of delivery, problems",
        _WORDS,
    ),
    EventCode.BLOOD_SPOT_SAMPLE: ("what was done, what was asked for, when", "the specimen"),
    EventCode.RISK_FACTORS: ("that there was an assessment, and when", "the risks: a condition"),
    EventCode.PROBLEM_LIST: (
        "each problem: active, resolved, from, until, not confirmed; none that was refuted",
        f"comments: {_WORDS}",
    ),
    EventCode.DISCHARGE: ("when, where from; how and where to", "address, specialty"),
    EventCode.EARLY_YEARS_PROGRESS: (
        "parental consent as it was coded",
        f"the four areas, concerns and support: {_WORDS}",
    ),
    EventCode.EMERGENCY_CARE: (
        "when, where; reason, what was done, how it ended, where to",
        "who came along",
    ),
    EventCode.EXAMINATION_FINDINGS: ("each examination with its outcome", _WORDS),
    EventCode.FAMILY_HISTORY: ("that it was taken, and when", "all of it: it is about relatives"),
    EventCode.FEEDING_STATUS: (_OWN, _WORDS),
    EventCode.VACCINATIONS: (
        "given and not given, as before; also where the header points to the Encounter",
        "dose quantity and route",
    ),
    EventCode.INDIVIDUAL_REQUIREMENTS: (_OWN, "the GP opt-out, comments"),
    EventCode.ADVICE_GIVEN: ("what the advice was about", "its words, leaflets and links"),
    EventCode.OBSERVATIONS: (
        "every measurement and coded finding with its unit, status and time",
        _WORDS,
    ),
    EventCode.MEDICATION_STATEMENT: ("that medicines were noted, and when", "each medicine"),
    EventCode.DEVELOPMENTAL_SKILLS: ("each skill, with what was assessed of it", _WORDS),
    EventCode.NEWBORN_HEARING: (_OWN, _WORDS),
    EventCode.COMMENT_OF_FAMILY: ("that there is a comment, and when", "the comment, and whose"),
    EventCode.PERSONAL_CONTACTS: (_OWN, "the description of the household"),
    EventCode.NIPE_OUTCOME: (_OWN, _WORDS),
    EventCode.PLAN: ("that there is a plan, and when it was made", "the plan and its actions"),
    EventCode.PROFESSIONAL_SUMMARY: ("what the comment is about", "the comment"),
    EventCode.PROFESSIONAL_CONTACTS: (
        "as before; also all episodes, over or not, where the header points to the Encounter",
        "the reason, and how somebody is associated",
    ),
    EventCode.REFERRAL: (
        "to which service, why, how urgent; proposed, planned, drafted or called off where it is",
        "the source of the referral, comments",
    ),
    EventCode.SAFETY_ALERTS: (
        "as safeguarding: to self, to others or from others, until when, who to ask",
        f"what the risk is: {_WORDS}",
    ),
    EventCode.HOUSEHOLD: (
        "as family and household: that it was asked, and when",
        "every answer: it is about those around the child",
    ),
    EventCode.SOCIAL_CONTEXT: (
        "the child's own smoking, drinking and substances, as coded",
        f"circumstances and lifestyle: {_WORDS}",
    ),
    EventCode.EDUCATIONAL_HISTORY: (
        "as education: the establishment, its kind, from, until, special needs as coded",
        _WORDS,
    ),
    EventCode.LEGAL_INFORMATION: (_OWN, "court orders that have no code here"),
    EventCode.BLOOD_SPOT_CARD: ("that the card was received, at which encounter", "the specimen"),
    EventCode.BLOOD_SPOT_OUTCOME: (_OWN, "the report"),
    EventCode.MEDICATION_GIVEN: ("that medicines were administered, and when", "each medicine"),
    EventCode.INVESTIGATION_RESULTS: ("every coded or measured result", _WORDS),
    EventCode.FAILSAFE_ALERT: (
        "what is asked for and why, of which organisation, by when",
        "severity and escalation level",
    ),
    EventCode.FAILSAFE_ALERT_NULLIFIED: ("that an alert was called off, and why", "which one"),
    EventCode.CHANGE_OF_GP: (_OWN, ""),
    EventCode.CHANGE_OF_ADDRESS: (_OWN, ""),
    EventCode.BIRTH_NOTIFICATION: (_OWN, ""),
    EventCode.DEATH_NOTIFICATION: (_OWN, ""),
    EventCode.RECORD_CHANGE: (_OWN, "what has changed: it has to be asked for"),
    EventCode.ENCOUNTER: ("the mandated reviews and other contacts", _WORDS),
}
"""By event: what is shown, and what stays at its source."""

ABOUT: Final = """# Digital Child Health and EMS: what is shown of each event, and of each example

Sources: NHS England, Digital Child Health event messages (FHIR STU3, first release), and the events
service's failsafe alerts. Written by `tests/unit/connectors/health_visiting/test_dch_examples.py`,
which reads the 40 official examples of the one in JSON and XML, and the 14 of the other, where they
lie; the test fails when this is out of date.

- What stays at its source is counted and named to whoever may see the record beside it
  ("more is at the source"). What was refuted, entered in error, not done or is about somebody else
  is not shown.
- The events have a number (CH001 to CH037, FM001, PDS001) in one release and a name in the next;
  both are read.
- Left out of an envelope, and made up for where one thing alone can be meant: the header's id (a
  digest of what it says), when it was last updated (when it was published), a focus that leads
  nowhere (the only resource of its kind), an identifier of what is new (what it says), relative
  references. An update or a deletion without an identifier parks.
- Most examples give one child two dates of birth four years apart, as date and as time of birth.
  Neither is told, nor an age by it; what was found is told, and marked.
- In most an encounter is dated after its message was sent: it is shown as not known to have
  happened.
- One example is no JSON; its XML is read. Three deaths have a number that fails its check. A birth
  inside a second envelope (ITK) does not say which of two patients is the mother.
"""
