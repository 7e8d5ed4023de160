"""When a Consent says that it was decided, and until when it holds.

A time says what it says. Where only a day is told, a month or a year, it begins and ends as it does
by the clocks of the United Kingdom.
"""

from datetime import datetime

from consent.fhir.decision_parts import StatedProvision
from consent.fhir.elements import ConsentElementError, Element, span_at
from consent.fhir.particulars import Particulars
from schemas.uk_time import first_moment


def decided_at(resource: Element, provision: StatedProvision, particulars: Particulars) -> datetime:
    """When it was decided; it begins no later than when that was written down or confirmed."""
    text = resource.get("dateTime")
    start = _by_our_clocks(span_at({"start": text}, "Consent.dateTime").start, text)
    if start is None:
        raise ConsentElementError("Consent.dateTime", "is-missing")
    recorded_at = particulars.get("recorded_at")
    if recorded_at is not None and recorded_at < start:
        raise ConsentElementError("Consent.extension", "is-recorded-before-it-was-decided")
    begins = max(start, recorded_at or start, particulars.get("confirmed_at") or start)
    stated = _by_our_clocks(provision.start, _period(resource).get("start"))
    if stated is not None and stated > begins:
        raise ConsentElementError("Consent.provision.period.start", "is-after-it-was-decided")
    return start


def until(resource: Element, provision: StatedProvision) -> datetime | None:
    """Until when it holds: where a day is told, to the end of it."""
    return _by_our_clocks(provision.until, _period(resource).get("end"))


def _period(resource: Element) -> Element:
    return (resource.get("provision") or {}).get("period") or {}


def _by_our_clocks(time: datetime | None, told: str | None) -> datetime | None:
    """The same, unless only a day was told: then when that begins in the United Kingdom."""
    if time is None or told is None or "T" in told:
        return time
    return first_moment(time.date())
