"""Why something may or may not be shown, in the words of whoever asks.

A professional is told what it means for their work, a family what became of what it said, an
auditor which rule decided. No sentence names anybody or says what is behind a no.
"""

from collections.abc import Mapping
from enum import StrEnum

from consent.fhir.answering import ConsentReason
from consent.question import Reason

Sentences = tuple[str, str]
"""For the family, and for the auditor; the professional's is the reason's own."""


class Audience(StrEnum):
    """Who asks why."""

    PROFESSIONAL = "professional"
    FAMILY = "family"
    AUDITOR = "auditor"


_RULES: Mapping[Reason, Sentences] = {
    Reason.NO_DECISION: (
        "You have not said that this may be shared, so it is not shown.",
        "No decision on record covers it; nothing recorded means no (rules 1 and 9).",
    ),
    Reason.NO_SUBJECT: (
        "The record does not say whom it is about, so it is not shown.",
        "The request names no subject (rule 1).",
    ),
    Reason.UNREADABLE_REQUEST: (
        "Somebody asked in a way that could not be understood, so they were shown nothing.",
        "The request names an unknown purpose, recipient, category or time (rule 1).",
    ),
    Reason.POLICY_DENIES: (
        "The agreement between these services does not let this be shared.",
        "The data-sharing agreement in force did not cover it, or none was in force (rule 1a).",
    ),
    Reason.ROLE_OPENS_NO_RECORDS: (
        "Whoever asked does not work with families, so they were shown nothing.",
        "The recipient's role opens no family records, whatever else holds (rule 0).",
    ),
    Reason.RESTRICTED: (
        "This is protected, and only named people may see it.",
        "A restriction is in force and the recipient is not on its allow-list (rule 2).",
    ),
    Reason.EXCLUDED: (
        "You asked that whoever asked does not see you, so they were shown nothing.",
        "The family has named the recipient as somebody who must not see it (rule 2a).",
    ),
    Reason.NO_RELATIONSHIP: (
        "Nobody who works with your family asked for this.",
        "No legitimate relationship between recipient and family was in force (rule 3).",
    ),
    Reason.DUTY: (
        "The law required this to be shared to keep somebody safe. It will be looked at again.",
        "A recorded duty covers it for safeguarding, over any refusal; review is due (rule 4).",
    ),
    Reason.REFUSED: (
        "You said no to sharing this.",
        "A refusal was in force (rule 5).",
    ),
    Reason.WITHDRAWN: (
        "You took back your agreement to share this.",
        "A permission was withdrawn before this time (rule 5).",
    ),
    Reason.OBJECTED: (
        "You objected to this being shared.",
        "An objection was in force (rule 5; UK GDPR Art. 21).",
    ),
    Reason.DETRIMENTAL: (
        "It was judged better for the child that this is not shared.",
        "A decision not to share, as more detrimental to the child, was in force (rule 5).",
    ),
    Reason.KEPT_TO_OTHERS: (
        "You kept this to other people.",
        "The family keeps this record to some, and the recipient is none of them (rule 5a).",
    ),
    Reason.NOT_ASKED: (
        "You have not been asked about this yet.",
        "It is on record that the family was not asked, and why; nothing permits (rule 9).",
    ),
    Reason.CONSENT: (
        "You agreed to share this.",
        "A consent in force covers it, and nobody who may decide speaks against it (rule 7).",
    ),
    Reason.PUBLIC_TASK: (
        "This is shared because a public service needs it to do its work, as you were told.",
        "A public task on record covers it (rule 7; UK GDPR Art. 6(1)(e)).",
    ),
    Reason.NOT_SPOKEN_FOR: (
        "A system asked for somebody whom it may not ask for, so it was shown nothing.",
        "The partner named a practitioner of an agency that it may not speak for.",
    ),
    Reason.NO_RIGHT: (
        "Whoever asked has no right to see this, so they were shown nothing.",
        "What is told in the place of every reason that would tell who is known (rule 3).",
    ),
    Reason.PERMITTED_IN_PART: (
        "Some of what was asked for may be seen, and it was asked for together with more.",
        "Not every part of the question is permitted, so the question is not (rule 8).",
    ),
    Reason.EXPIRED: (
        "What you agreed to has come to its end.",
        "The only permissions that cover it had run out by this time (rule 9).",
    ),
}
_DOCUMENTS: Mapping[ConsentReason, Sentences] = {
    ConsentReason.PERMITTED: (
        "You agreed to this.",
        "A provision of an active consent permits it, and no denial stands against it.",
    ),
    ConsentReason.PERMITTED_IN_PART: (
        "You agreed to a part of this, and more was asked for.",
        "A part of what is asked about is permitted: by exception to a denial, or not every part.",
    ),
    ConsentReason.TOO_MUCH_ASKED: (
        "Somebody asked about so much at once that they were shown nothing.",
        "The question names more alternatives than are asked about one by one.",
    ),
    ConsentReason.DENIED: (
        "You said no to this.",
        "A provision of an active consent denies it, and its denial stands.",
    ),
    ConsentReason.NO_CONSENT: (
        "You have not been asked about this.",
        "No consent document was given; nothing recorded means no.",
    ),
    ConsentReason.NOTHING_STATED: (
        "What you signed does not say that this may be shared.",
        "No provision and no base rule permits anything.",
    ),
    ConsentReason.NOT_UNDERSTOOD: (
        "What you signed says something that this service cannot follow, so nothing is shown.",
        "An element that changes the meaning is not supported; the document denies all it covers.",
    ),
    ConsentReason.DRAFT: (
        "What you were shown is a draft; nothing is shared on the strength of it.",
        "Consent.status is draft; only active documents count.",
    ),
    ConsentReason.PROPOSED: (
        "You have been asked and have not agreed yet.",
        "Consent.status is proposed; only active documents count.",
    ),
    ConsentReason.REJECTED: (
        "What was proposed to you was turned down.",
        "Consent.status is rejected; only active documents count.",
    ),
    ConsentReason.INACTIVE: (
        "What you agreed to has ended, or something newer took its place.",
        "Consent.status is inactive; only active documents count.",
    ),
    ConsentReason.ENTERED_IN_ERROR: (
        "This was written down by mistake and does not count.",
        "Consent.status is entered-in-error; only active documents count.",
    ),
    ConsentReason.NOT_YET: (
        "What you agreed to has not started yet.",
        "The time is before Consent.dateTime or the start of the provision's period.",
    ),
    ConsentReason.EXPIRED: (
        "What you agreed to has come to its end.",
        "The time is after the end of the provision's period.",
    ),
    ConsentReason.OTHER_PATIENT: (
        "What was signed is about somebody else.",
        "Consent.patient is not the person asked about.",
    ),
    ConsentReason.PATIENT_NOT_STATED: (
        "Nobody said whose information was wanted, so nothing was shown.",
        "The request names no patient and the documents are about several.",
    ),
    ConsentReason.OUT_OF_SCOPE: (
        "What you signed is about something other than sharing information.",
        "Consent.scope is neither patient-privacy nor research, or not the scope asked about.",
    ),
    ConsentReason.PURPOSE_NOT_STATED: (
        "Nobody said what the information was wanted for, so it was not shown.",
        "The request states no purpose and the provision requires one.",
    ),
    ConsentReason.PURPOSE_NOT_COVERED: (
        "You did not agree to this being used for that.",
        "No purpose of the provision is, or subsumes, every purpose of the request.",
    ),
    ConsentReason.ACTOR_NOT_STATED: (
        "Nobody said who wanted the information, so it was not shown.",
        "The request names no recipient and the provision requires one.",
    ),
    ConsentReason.ACTOR_NOT_COVERED: (
        "You did not agree to this being shared with them.",
        "The recipient is none of the provision's actors, nor a member of one.",
    ),
    ConsentReason.ACTION_NOT_COVERED: (
        "You did not agree to this being done with the information.",
        "The action is none of the provision's actions.",
    ),
    ConsentReason.DATA_NOT_COVERED: (
        "You did not agree to this part being shared.",
        "The data has none of the labels, classes, codes, periods or references permitted.",
    ),
}


def explain(reason: Reason | ConsentReason, audience: Audience) -> str:
    """One sentence or two for this reason, for whoever asks."""
    if audience is Audience.PROFESSIONAL:
        return reason.label
    known = _RULES.get(reason) if isinstance(reason, Reason) else _DOCUMENTS.get(reason)
    family, auditor = known or (reason.label, reason.label)
    return family if audience is Audience.FAMILY else auditor
