"""As what NEMS sends each event to a MESH mailbox: the workflow ids."""

import re

from connectors.health_visiting.header import EventCode

_LETTERS_AND_DIGITS = re.compile(r"[^A-Z0-9]")
_OF_PDS = "PDS"


def is_known_workflow(workflow_id: str | None) -> bool:
    """Whether messages of this workflow are events that we map.

    NEMS names a workflow after its event: `PROFESSIONALCONTACTS_1`, `BIRTHNOTIFICATION_1`,
    `PDS_RECORD_CHANGE_1`. Its own pages write the same one with and without the part for PDS and
    with other underscores (DOMAIN section 2.1.1), so only letters and digits are compared.
    """
    return workflow_id is not None and _compact(workflow_id).removeprefix(_OF_PDS) in _KNOWN


def _compact(name: str) -> str:
    return _LETTERS_AND_DIGITS.sub("", name.upper())


_KNOWN = frozenset(_compact(event).removeprefix(_OF_PDS) for event in EventCode)
