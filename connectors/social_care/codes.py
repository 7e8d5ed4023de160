"""Code lists of children's social care: what each code means, in words for professionals.

Source: children in need census and looked-after children's return, as gathered in
data-to-insight/ssd-data-model (`data/categories__future_release`); DOMAIN section 2.3.2.
"""

from typing import Final

from schemas.vocabulary import LabelledCode

NOT_IN_THE_LIST: Final = "code not in the list"


class ReferralSource(LabelledCode):
    """Who referred a child. People are told apart here and never shown (`professional_source`)."""

    FAMILY = "1A", "Family member, relative or carer"
    ACQUAINTANCE = "1B", "Acquaintance"
    SELF = "1C", "Self"
    OTHER_INDIVIDUAL = "1D", "Other individual"
    SCHOOL = "2A", "School"
    EDUCATION = "2B", "Education services"
    GP = "3A", "GP"
    HEALTH_VISITOR = "3B", "Health visitor"
    SCHOOL_NURSE = "3C", "School nurse"
    PRIMARY_HEALTH = "3D", "Other primary health services"
    EMERGENCY = "3E", "Accident and emergency"
    OTHER_HEALTH = "3F", "Other health services"
    HOUSING = "4", "Housing"
    LA_SOCIAL_CARE = "5A", "Local authority social care"
    LA_OTHER = "5B", "Other local authority service"
    ANOTHER_LA = "5C", "Another local authority"
    EARLY_HELP = "5D", "Early help"
    POLICE = "6", "Police"
    LEGAL = "7", "Legal agency"
    OTHER = "8", "Other"
    ANONYMOUS = "9", "Anonymous"
    UNKNOWN = "10", "Unknown"


class PrimaryNeed(LabelledCode):
    """The main reason why a child is in need (N9 and N0: recalled, not confirmed by a source)."""

    ABUSE_OR_NEGLECT = "N1", "Abuse or neglect"
    DISABILITY = "N2", "Child's disability"
    PARENTAL_ILLNESS = "N3", "Parental illness or disability"
    ACUTE_STRESS = "N4", "Family in acute stress"
    DYSFUNCTION = "N5", "Family dysfunction"
    BEHAVIOUR = "N6", "Socially unacceptable behaviour"
    LOW_INCOME = "N7", "Low income"
    ABSENT_PARENTING = "N8", "Absent parenting"
    OTHER = "N9", "Other than child in need"
    NOT_STATED = "N0", "Not stated"


class ClosureReason(LabelledCode):
    """Why an episode ended."""

    ADOPTED = "RC1", "Adopted"
    DIED = "RC2", "Died"
    CHILD_ARRANGEMENTS = "RC3", "Child arrangements order"
    SPECIAL_GUARDIANSHIP = "RC4", "Special guardianship order"
    TRANSFERRED = "RC5", "Transferred to another local authority"
    ADULT_CARE = "RC6", "Transferred to adult social care"
    OTHER = "RC7", "Services ended for another reason"
    AFTER_ASSESSMENT = "RC8", "Closed after assessment, no further action"
    EARLY_HELP = "RC9", "Closed after assessment, referred to early help"


class AbuseCategory(LabelledCode):
    """What a child protection plan is for."""

    NEGLECT = "NEG", "Neglect"
    PHYSICAL = "PHY", "Physical abuse"
    SEXUAL = "SAB", "Sexual abuse"
    EMOTIONAL = "EMO", "Emotional abuse"
    MULTIPLE = "MUL", "Multiple categories"


class Disability(LabelledCode):
    """Which disabilities a child has."""

    NONE = "NONE", "None"
    MOBILITY = "MOB", "Mobility"
    HAND = "HAND", "Hand function"
    PERSONAL_CARE = "PC", "Personal care"
    INCONTINENCE = "INC", "Incontinence"
    COMMUNICATION = "COMM", "Communication"
    LEARNING = "LD", "Learning"
    HEARING = "HEAR", "Hearing"
    VISION = "VIS", "Vision"
    BEHAVIOUR = "BEH", "Behaviour"
    CONSCIOUSNESS = "CON", "Consciousness"
    AUTISM = "AUT", "Autism or Asperger syndrome"
    OTHER = "DDA", "Other disability under the Equality Act"


class UpnUnknownReason(LabelledCode):
    """Why a child has no unique pupil number (UN6 to UN8 are in use; no source words them)."""

    NOT_YET_ASSIGNED = "UN1", "Not of school age and not yet assigned one"
    NEVER_AT_SCHOOL = "UN2", "Has never attended a maintained school in England"
    OUTSIDE_ENGLAND = "UN3", "Educated outside England"
    NEWLY_LOOKED_AFTER = "UN4", "Newly looked after, not yet known"
    DISCREPANCY = "UN5", "Sources disagree about the child"
    UN6 = "UN6", "Not known, reason UN6"
    UN7 = "UN7", "Not known, reason UN7"
    UN8 = "UN8", "Not known, reason UN8"


class AssessmentFactor(LabelledCode):
    """Factors found at an assessment, as far as they are published: they stay with their source."""

    DOMESTIC_ABUSE_CHILD = "3A", "Domestic abuse: of the child"
    DOMESTIC_ABUSE_PARENT = "3B", "Domestic abuse: of a parent or carer"
    DOMESTIC_ABUSE_OTHER = "3C", "Domestic abuse: of another person in the household"


class LegalStatus(LabelledCode):
    """Under what a child is looked after. No payload that is read here carries it yet."""

    INTERIM_CARE_ORDER = "C1", "Interim care order"
    CARE_ORDER = "C2", "Full care order"
    FREEING_ORDER = "D1", "Freeing order"
    PLACEMENT_ORDER = "E1", "Placement order"
    ACCOMMODATED = "V2", "Accommodated under section 20"
    SHORT_BREAKS = "V3", "Short-term breaks, each recorded"
    SHORT_BREAKS_AGREED = "V4", "Short-term breaks, as agreed"
    POLICE_PROTECTION = "L1", "Under police protection"
    EMERGENCY_PROTECTION = "L2", "Emergency protection order"
    CHILD_ASSESSMENT = "L3", "Child assessment order"
    REMANDED = "J1", "Remanded"
    POLICE_CUSTODY = "J2", "Accommodated under the Police and Criminal Evidence Act"
    SENTENCED = "J3", "Youth rehabilitation order with residence"


_PEOPLE: Final = frozenset(
    {
        ReferralSource.FAMILY,
        ReferralSource.ACQUAINTANCE,
        ReferralSource.SELF,
        ReferralSource.OTHER_INDIVIDUAL,
        ReferralSource.ANONYMOUS,
        ReferralSource.OTHER,
        ReferralSource.UNKNOWN,
    }
)


def words_for(code: str, codes: type[LabelledCode]) -> str:
    """What a code means; one that is not in the list is said to be none, and hides nothing else."""
    try:
        return codes(code.strip().upper()).label
    except ValueError:
        return NOT_IN_THE_LIST


def professional_source(code: str | None) -> str | None:
    """The service that referred; None for family, neighbours, the child and the anonymous.

    Who in the family or neighbourhood rang is told to nobody (golden rule: protect other people's
    identities).
    """
    if code is None or any(code.strip().upper() == person for person in _PEOPLE):
        return None
    return words_for(code, ReferralSource)
