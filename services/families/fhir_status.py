"""What a profile says about itself, as an OperationOutcome beside it: never a blank.

Which source has what, what is not shared where that may be known, what was shown under a duty.
"""

from collections.abc import Iterator

from schemas.fhir_mapping.systems import SOURCE, Resource, extension, without_empty
from services.aggregation.profile import NotShared, Profile, SourceStatus
from services.families.instants import instant

_STATE = "urn:tell-once:source-state"
_NOTE = "urn:tell-once:note"
_REASON = "urn:tell-once:reason"
_INFORMATION = "information"


def operation_outcome(profile: Profile) -> Resource:
    """One issue for each thing said; there is one for each source at least."""
    return {"resourceType": "OperationOutcome", "issue": list(_issues(profile))}


def _issues(profile: Profile) -> Iterator[Resource]:
    for status in profile.sources:
        yield _status(status)
    for hidden in profile.not_shared:
        yield _not_shared(hidden)
    for category in profile.shared_under_duty:
        yield _note("shared-under-duty", f"Shared under a recorded legal duty: {category.label}")
    for kind in profile.parents_not_named:
        yield _note(f"no-{kind.value}-named", f"Nothing shown here names a {kind.value}")
    if profile.location_protected:
        yield _note("location-protected", "Somebody's whereabouts are protected: tell nobody")
    if profile.parents_are_not_told:
        yield _note("parents-not-told", "A young person asked that parents are not told")


def _status(status: SourceStatus) -> Resource:
    heard = status.last_heard
    coding = {"system": _STATE, "code": status.state.value, "display": status.state.label}
    when = [] if heard is None else [extension("last-heard", kind="Instant", value=instant(heard))]
    source = extension("source", kind="Uri", value=f"{SOURCE}{status.source.value}")
    return {
        "severity": _INFORMATION,
        "code": "informational",
        "details": {"coding": [coding], "text": f"{status.source.label}: {status.state.label}"},
        "extension": [source, *when],
    }


def _not_shared(hidden: NotShared) -> Resource:
    codings = [{"system": _REASON, "code": r.value, "display": r.label} for r in hidden.reasons]
    text = f"{hidden.source.label}, not shared: {hidden.category.label}"
    return {
        "severity": _INFORMATION,
        "code": "suppressed",
        "details": without_empty(coding=codings, text=text),
    }


def _note(code: str, text: str) -> Resource:
    details = {"coding": [{"system": _NOTE, "code": code}], "text": text}
    return {"severity": _INFORMATION, "code": "informational", "details": details}
