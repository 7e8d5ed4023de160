"""Who took part, as agents of an AuditEvent: the system that asked, ours, and the user. Pure."""

from typing import Any

from consent.ledger.events import PROFILE_READS
from services.audit.exports.fhir_codes import DCM, SNOMED, UNKNOWN_NETWORK, coding, concept, ref
from services.audit.exports.fhir_profiles import BalpProfile
from services.audit.exports.shapes import ShapedEntry

Agent = dict[str, Any]

_DESTINATION = concept(DCM, "110152")
_SOURCE = concept(DCM, "110153")
_APPLICATION = concept(DCM, "110150")
_CUSTODIAN = concept("provenance-participant-type", "custodian")
_RECIPIENT = concept("v3-ParticipationType", "IRCP")
_AUTHOR = concept("v3-ParticipationType", "AUT")
_PROVIDER = concept("v3-RoleClass", "PROV")
_AUTHORISER = concept("extra-security-role-type", "authserver")
_KEEPER = concept(SNOMED, "159541003")
# Client, server and user, as each pattern names them.
_IN_READ = (_DESTINATION, _SOURCE, _RECIPIENT)
_IN_QUERY = (_SOURCE, _DESTINATION, _RECIPIENT)
_IN_WRITE = (_SOURCE, _DESTINATION, _AUTHOR)
_IN_DELETE = (_APPLICATION, _CUSTODIAN, _AUTHOR)
_TYPES = {
    "Read": _IN_READ,
    "Query": _IN_QUERY,
    "Create": _IN_WRITE,
    "Update": _IN_WRITE,
    "Delete": _IN_DELETE,
}
_SCREEN = {"display": "A screen of this service; which one is not kept"}
_AGENCY = {"display": "Of which agency stands in the membership, not in the ledger"}
_PROFILE = {"identifier": ref("shared-profile", "shared-profile")}


class Agents:
    """Makes the agents of AuditEvents that this installation observed."""

    def __init__(self, origin: str) -> None:
        """Take the name of the ledger, which is that of the installation."""
        self._us: Agent = {"identifier": ref("ledger", origin)}
        self._network = {"address": origin, "type": "1"}
        self.source: Agent = {
            "site": origin,
            "observer": self._us,
            "type": [coding("security-source-type", "4")],
        }
        """What observed it."""

    def of(
        self, entry: ShapedEntry, profile: BalpProfile | None, purpose: list[Any]
    ) -> list[Agent]:
        """The agents of an entry, as its profile wants them."""
        user, system = _who(entry)
        match profile:
            case None:
                return [{"who": user or system, "requestor": True}]
            case BalpProfile.AUTHZ_CONSENT:
                return self._authorising(user, system, purpose)
            case BalpProfile.DISCLOSURE_SOURCE:
                return self._disclosing(entry, user)
            case _:
                return self._over_http(profile, user, system, purpose)

    def _over_http(
        self, profile: BalpProfile, user: Agent | None, system: Agent, purpose: list[Any]
    ) -> list[Agent]:
        client, server, human = _TYPES[profile.value.removeprefix("Patient")]
        agents: list[Agent] = [
            {
                "type": client,
                "who": system,
                "requestor": user is None,
                "network": UNKNOWN_NETWORK,
            },
            {"type": server, "who": self._us, "requestor": False, "network": self._network},
        ]
        if user is not None:
            agents.append(_user(human, user, purpose))
        return agents

    def _authorising(self, user: Agent | None, system: Agent, purpose: list[Any]) -> list[Agent]:
        return [
            {
                "type": _APPLICATION,
                "who": system,
                "requestor": False,
                "network": UNKNOWN_NETWORK,
            },
            _user(_RECIPIENT, user or system, purpose),
            {"type": _PROVIDER, "who": _AGENCY, "requestor": False},
            {"type": _AUTHORISER, "who": self._us, "requestor": False},
        ]

    def _disclosing(self, entry: ShapedEntry, user: Agent | None) -> list[Agent]:
        source, given_to = entry.text("source"), entry.text("given_to")
        recipient = {"identifier": ref("given-to", given_to)} if given_to else _PROFILE
        agents: list[Agent] = [
            {
                "type": _SOURCE,
                "who": self._us,
                "requestor": user is None,
                "network": self._network,
            },
            {
                "type": _DESTINATION,
                "who": recipient,
                "requestor": False,
                "network": UNKNOWN_NETWORK,
            },
        ]
        if source:
            keeper = {"identifier": ref("source", source)}
            agents.append({"type": _KEEPER, "who": keeper, "requestor": False})
        if user is not None:
            agents.append({"who": user, "requestor": True})
        return agents


def _user(kind: Agent, who: Agent, purpose: list[Any]) -> Agent:
    user: Agent = {"type": kind, "who": who, "requestor": True}
    if purpose:
        user["purposeOfUse"] = purpose
    return user


def _who(entry: ShapedEntry) -> tuple[Agent | None, Agent]:
    """The human being who acted, if one did, and the system through which."""
    kind, _, name = entry.actor.partition(":")
    acting = {"identifier": ref(kind, name)}
    if kind in {"practitioner", "operator"}:
        partner = entry.text("partner") if entry.shape.event in PROFILE_READS else None
        return acting, {"identifier": ref("partner", partner)} if partner else _SCREEN
    named = entry.text("practitioner")
    if kind == "partner" and named and " " not in named:
        return {"identifier": ref("practitioner", named)}, acting
    return None, acting
