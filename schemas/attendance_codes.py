"""The codes of a school's attendance register: what each means and how it counts."""

from enum import StrEnum
from typing import Self

from schemas.vocabulary import LabelledCode


class AttendanceClass(LabelledCode):
    """How a session counts in the statistics of attendance."""

    PRESENT = "present", "Present"
    APPROVED_ACTIVITY = "approved-educational-activity", "Attending somewhere else, as approved"
    AUTHORISED_ABSENCE = "authorised-absence", "Absent, authorised"
    UNAUTHORISED_ABSENCE = "unauthorised-absence", "Absent, not authorised"
    NOT_POSSIBLE = "not-a-possible-session", "Not a session that the pupil could attend"

    @property
    def is_possible(self) -> bool:
        """Whether the session is one of those that a rate is taken of."""
        return self is not AttendanceClass.NOT_POSSIBLE

    @property
    def is_attended(self) -> bool:
        """Whether it counts as attended: an approved activity elsewhere does."""
        return self in {AttendanceClass.PRESENT, AttendanceClass.APPROVED_ACTIVITY}


_PRESENT = AttendanceClass.PRESENT
_ACTIVITY = AttendanceClass.APPROVED_ACTIVITY
_AUTHORISED = AttendanceClass.AUTHORISED_ABSENCE
_UNAUTHORISED = AttendanceClass.UNAUTHORISED_ABSENCE
_NOT_POSSIBLE = AttendanceClass.NOT_POSSIBLE


class AttendanceCode(StrEnum):
    """A mark in the register for one session, a morning or an afternoon.

    Source: the School Attendance (Pupil Registration) (England) Regulations 2024 (SI 2024/208),
    regulation 10, in force from 19 August 2024; DOMAIN section 2.2.3 for the classes. Retired codes
    were used before that day and may stand in the marks of earlier years.
    """

    label: str
    counts_as: AttendanceClass

    def __new__(cls, code: str, label: str, counts_as: AttendanceClass) -> Self:
        """Make the member from its code, what it means, how it counts."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label, member.counts_as = label, counts_as
        return member

    PRESENT_MORNING = "/", "Present in the morning", _PRESENT
    PRESENT_AFTERNOON = "\\", "Present in the afternoon", _PRESENT
    LATE = "L", "Late, before the register closed", _PRESENT

    LOCAL_AUTHORITY_PROVISION = "K", "At provision arranged by the local authority", _ACTIVITY
    VISIT = "V", "On an educational visit or trip", _ACTIVITY
    SPORT = "P", "At a sporting activity", _ACTIVITY
    WORK_EXPERIENCE = "W", "On work experience", _ACTIVITY
    OTHER_ACTIVITY = "B", "At another approved educational activity", _ACTIVITY

    LEAVE = "C", "Leave for an exceptional circumstance", _AUTHORISED
    PERFORMANCE = "C1", "Leave for a regulated performance or work abroad", _AUTHORISED
    PART_TIME = "C2", "Leave under a part-time timetable", _AUTHORISED
    EXCLUDED = "E", "Suspended or excluded, nothing else arranged", _AUTHORISED
    ILLNESS = "I", "Ill", _AUTHORISED
    INTERVIEW = "J1", "Leave for an interview", _AUTHORISED
    APPOINTMENT = "M", "At a medical or dental appointment", _AUTHORISED
    RELIGION = "R", "Religious observance", _AUTHORISED
    STUDY_LEAVE = "S", "Leave to study for public examinations", _AUTHORISED
    TRAVELLING = "T", "Travelling with a parent for their work", _AUTHORISED

    HOLIDAY = "G", "On a holiday that the school did not grant", _UNAUTHORISED
    NO_REASON_YET = "N", "Reason not yet known", _UNAUTHORISED
    ABSENT = "O", "Absent for another reason or none", _UNAUTHORISED
    AFTER_CLOSE = "U", "Arrived after the register closed", _UNAUTHORISED

    DUAL_REGISTERED = "D", "Due at the other school of two", _NOT_POSSIBLE
    NOT_REQUIRED = "X", "Not of compulsory school age and not due", _NOT_POSSIBLE
    NO_ACCESS = "Q", "The travel or boarding that is owed was not arranged", _NOT_POSSIBLE
    NO_TRANSPORT = "Y1", "The usual transport did not come", _NOT_POSSIBLE
    TRAVEL_DISRUPTED = "Y2", "Travel widely disrupted", _NOT_POSSIBLE
    PARTLY_CLOSED = "Y3", "Part of the school closed", _NOT_POSSIBLE
    SITE_CLOSED = "Y4", "The whole school closed unexpectedly", _NOT_POSSIBLE
    DETAINED = "Y5", "In criminal justice detention", _NOT_POSSIBLE
    PUBLIC_HEALTH = "Y6", "Kept away by public health guidance", _NOT_POSSIBLE
    UNAVOIDABLE = "Y7", "Kept away by another unavoidable cause", _NOT_POSSIBLE
    NOT_ADMITTED = "Z", "Not yet on the admission register", _NOT_POSSIBLE
    CLOSED_AS_PLANNED = "#", "School closed as planned", _NOT_POSSIBLE

    # J counted as an approved activity until J1 made such an interview an authorised absence.
    HOLIDAY_GRANTED = "H", "On a holiday that the school granted", _AUTHORISED
    AT_INTERVIEW = "J", "At an interview", _ACTIVITY
    UNABLE = "Y", "Unable to attend for an exceptional reason", _NOT_POSSIBLE

    @property
    def is_retired(self) -> bool:
        """Whether it is no longer to be used, and stands in earlier marks only."""
        return self in {self.HOLIDAY_GRANTED, self.AT_INTERVIEW, self.UNABLE}
