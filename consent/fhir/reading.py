"""FHIR R4 Consent JSON to what it decides. Pure; the JSON was validated where it came in.

An element that would change the meaning and is not understood is remembered with its path, and
the document is then not applied; none is passed over (FHIR R4 section 2.1.0.3.1 on modifiers).
What only describes, such as narrative, source, performer and plain extensions, decides nothing.
"""

from dataclasses import replace

from consent.fhir.document import ConsentDocument, Provision, Status
from consent.fhir.elements import (
    ConsentElementError,
    Element,
    Notes,
    Span,
    codes_in,
    contained_in,
    names_at,
    span_at,
)
from consent.fhir.provisions import effect_at, provision_from
from consent.fhir.vocabulary import ACT_CODE, ACT_REASON, CONSENT_CATEGORY, CONSENT_SCOPE, Code
from consent.question import Effect

RESEARCH = "research"
_SCOPES = frozenset({"adr", RESEARCH, "patient-privacy", "treatment"})
_OPT_INS = frozenset({"OPTIN", "OPTINR"})
_RESTRICTED = Code(ACT_CODE, "OPTINR")
_OPT_OUTS = frozenset({"OPTOUT", "OPTOUTE"})
_EMERGENCY_ONLY = Code(CONSENT_CATEGORY, "emrgonly")


def consent_from_json(resource: Element, place: str = "Consent") -> ConsentDocument:
    """The consent that the resource records; `place` stands for it in every message.

    Raises ConsentElementError for what is no FHIR R4 Consent.
    """
    if resource.get("resourceType") != "Consent":
        raise ConsentElementError(place, "is-not-a-consent")
    notes = Notes(place, contained_in(resource))
    _note_modifiers(resource, notes)
    scope = _scope(resource, notes)
    provision = _with_base(resource, notes)
    return ConsentDocument(
        place=place,
        status=_status(resource, place),
        scope=scope,
        patients=names_at(resource.get("patient") or {}, notes),
        issued=_issued(resource, place),
        provision=_about_research(provision) if scope == RESEARCH else provision,
        not_understood=tuple(notes.elements),
    )


def _status(resource: Element, place: str) -> Status:
    try:
        return Status(resource.get("status", ""))
    except ValueError:
        raise ConsentElementError(f"{place}.status", f"is-none-of: {', '.join(Status)}") from None


def _note_modifiers(resource: Element, notes: Notes) -> None:
    for name in ("implicitRules", "modifierExtension"):
        if name in resource:
            notes.add(name)
    for index, verification in enumerate(resource.get("verification", ())):
        notes.add_modifiers(verification, f"verification[{index}]")
        if verification.get("verified") is not True:
            notes.add(f"verification[{index}].verified")
    for index, policy in enumerate(resource.get("policy", ())):
        notes.add_modifiers(policy, f"policy[{index}]")
    for index, category in enumerate(resource.get("category", ())):
        if _EMERGENCY_ONLY in codes_in(category):
            notes.add(f"category[{index}]")


def _scope(resource: Element, notes: Notes) -> str:
    """The scope's code; any other than the standard's says nothing that is understood."""
    codes = codes_in(resource.get("scope"))
    known = {c.code for c in codes if c.agrees_with(Code(CONSENT_SCOPE, c.code))} & _SCOPES
    if len(known) == 1:
        return known.pop()
    notes.add("scope")
    return ""


def _issued(resource: Element, place: str) -> Span:
    text = resource.get("dateTime")
    return span_at({"start": text, "end": text}, f"{place}.dateTime") if text else Span()


def _with_base(resource: Element, notes: Notes) -> Provision:
    """The provision with the base rule that policyRule names.

    By the standard the provision is an exception to the base rule; IHE PCF writes the base rule
    into the provision's own type. Where both go the same way, the narrower permission and the
    wider denial hold.
    """
    base = _base_effect(resource.get("policyRule"), notes)
    written = resource.get("provision") or {}
    if not written and _RESTRICTED in codes_in(resource.get("policyRule")):
        notes.add("policyRule")  # with restrictions, and none of them is told
    if "type" not in written:
        return provision_from(written, base, "provision", notes)
    effect = effect_at(written, f"{notes.place}.provision.type")
    root = provision_from(written, effect, "provision", notes)
    if base is None or effect is base is Effect.PERMIT:
        return root
    return Provision(base, exceptions=(root,))


def _base_effect(rule: Element | None, notes: Notes) -> Effect | None:
    if rule is None:
        return None
    codes = {c.code for c in codes_in(rule) if c.agrees_with(Code(ACT_CODE, c.code))}
    if codes and codes <= _OPT_INS:
        return Effect.PERMIT
    if codes and codes <= _OPT_OUTS:
        return Effect.DENY
    notes.add("policyRule")
    return None


def _about_research(provision: Provision) -> Provision:
    """A consent to research that names no purpose is about research and nothing else."""
    if provision.purposes:
        return provision
    return replace(provision, purposes=frozenset({Code(ACT_REASON, "HRESCH")}))
