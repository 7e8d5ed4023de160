"""Writes `deploy/conformance/ihe-balp.md`: which profile each event follows, or why none.

python -m tests.support.balp.conformance
"""

from collections.abc import Iterator

from consent.ledger.events import LedgerEvent
from services.audit.exports.fhir_profiles import (
    BALP,
    BALP_VERSION,
    BalpProfile,
    NoProfile,
    followed_by,
    names_patients,
)
from tests.support.checkout import ROOT

PAGE = ROOT / "deploy" / "conformance" / "ihe-balp.md"
_HEAD = f"""\
# IHE Basic Audit Log Patterns: what each ledger event becomes

Source: IHE/ITI.BasicAudit {BALP_VERSION} ({BALP}), CC-BY-4.0. Written by
`tests/support/balp/conformance.py`; a test fails when it is out of date.

`tell-once audit export --format fhir` gives FHIR R4 AuditEvents, one a line. Each is checked in
tests against the constraints of its profile (`tests/support/balp/constraints.py`, written by hand
from the profiles) and read by the models of R4B.

- A profile that wants one patient gets one AuditEvent for each whom an entry names; where it names
  nobody, the profile without a patient is followed.
- The patterns are of FHIR over HTTP. Ours is HTTP, and of a browser or a partner: `client` is that,
  and of its network it says `data-absent-reason` `unknown`, because the ledger keeps no addresses.
- AuthZconsent wants the user's organisation: the ledger does not hold it, and it says so in words.
- `PrivacyDisclosure.Recipient` is followed by nothing: what is received is entered where it is
  published, by the source, so that no entry is of the recipient.
- A refusal is a plain AuditEvent of DICOM's Security Alert, with its reasons in `outcomeDesc`.
- What AuditEvent has no place for (categories, versions of policy, counts) is in `entity.detail`,
  or base64 in `entity.query` where the pattern allows no detail.

"""


def page() -> str:
    """The page as it should be."""
    return _HEAD + "\n".join([*_followed(), *_not_followed()])


def _followed() -> Iterator[str]:
    yield "## Followed\n"
    yield "| event | profile | without a patient or consent |\n|---|---|---|"
    for event in LedgerEvent:
        told = followed_by(event, has_patient=names_patients(event), has_consent=True)
        if told.profile is None:
            continue
        bare = followed_by(event, has_patient=False, has_consent=False)
        less = "–" if bare.profile is told.profile else bare.profile or f"none: {bare.why_not}"
        yield f"| `{event}` | {told.profile} | {less} |"
    unused = sorted(set(BalpProfile) - {_profile(event) for event in LedgerEvent})
    yield f"\nFollowed only by entries that name nobody: {', '.join(unused) or '–'}.\n"


def _profile(event: LedgerEvent) -> BalpProfile | None:
    return followed_by(event, has_patient=names_patients(event), has_consent=True).profile


def _not_followed() -> Iterator[str]:
    yield "## Not followed, and why\n"
    for why in NoProfile:
        events = [
            event
            for event in LedgerEvent
            if followed_by(event, has_patient=True, has_consent=True).why_not is why
        ]
        if events:
            yield f"**{why[0].upper()}{why[1:]}**: {', '.join(f'`{event}`' for event in events)}.\n"


if __name__ == "__main__":
    PAGE.write_text(page())
