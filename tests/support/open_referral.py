"""The profile of Open Referral UK and its validator's mock responses, where they were fetched.

They are under CC BY-SA 4.0 and so not in this repository: deploy/conformance/open-referral.md says
how to fetch them. `TELL_ONCE_OPEN_REFERRAL` names the folder, or they lie beside the checkout.
"""

import json
import os
from pathlib import Path
from typing import Any

from tests.support.checkout import ROOT

_FOLDER = Path(
    os.environ.get("TELL_ONCE_OPEN_REFERRAL") or ROOT.parent / "shared" / "open-referral"
)
_PROFILE = _FOLDER / "uk-profile" / "schema"
_MOCKS = _FOLDER / "oruk-validator" / "OpenReferralApi" / "Mocks"
PROFILE = _PROFILE if _PROFILE.is_dir() else None
MOCKS = _MOCKS if _MOCKS.is_dir() else None
WHY_NOT = "the profile of Open Referral UK is not here: deploy/conformance/open-referral.md"


def schema(name: str) -> Any:
    """Give one of the profile's schemas, with those that it names put in."""
    return _whole(json.loads((_PROFILE / name).read_text()), (_PROFILE / name).parent)


def mock(folder: str, name: str) -> Any:
    """Give one of the validator's mock responses."""
    return json.loads((_MOCKS / folder / name).read_text())


def _whole(part: Any, folder: Path) -> Any:
    if isinstance(part, list):
        return [_whole(one, folder) for one in part]
    if not isinstance(part, dict):
        return part
    named = part.get("$ref")
    if isinstance(named, str) and not named.startswith("#") and (folder / named).is_file():
        return _whole(json.loads((folder / named).read_text()), folder)
    return {name: _whole(value, folder) for name, value in part.items() if name != "$id"}
