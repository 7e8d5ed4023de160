"""Special educational needs: what support there was from when until when, and for what."""

from collections.abc import Iterator
from itertools import pairwise

from connectors.schools.fields import Fields
from schemas.records.message import Record
from schemas.records.payloads import Occurrence, OccurrenceKind, Period, Plan
from schemas.vocabulary import Category

_NEEDS = {
    "SPLD": "Specific learning difficulty",
    "MLD": "Moderate learning difficulty",
    "SLD": "Severe learning difficulty",
    "PMLD": "Profound and multiple learning difficulty",
    "SEMH": "Social, emotional and mental health",
    "SLCN": "Speech, language and communication needs",
    "HI": "Hearing impairment",
    "VI": "Vision impairment",
    "MSI": "Multi-sensory impairment",
    "PD": "Physical disability",
    "ASD": "Autistic spectrum disorder",
    "OTH": "Another difficulty or disability",
}
# A and P were replaced by K, S by E, under the Children and Families Act 2014.
_SUPPORT = {
    "K": "Special educational needs support",
    "A": "School Action (special educational needs, before 2015)",
    "P": "School Action Plus (special educational needs, before 2015)",
}
_PLANS = {
    "E": ("ehc", "Education, health and care plan"),
    "S": ("sen-statement", "Statement of special educational needs"),
}


def support_records(
    pupil: Fields, *, key: str, ref: str, scopes: tuple[str, ...]
) -> Iterator[Record]:
    """Each stage of support, ended by the next, and the needs; raises UnreadableMessageError.

    Source: CTF, SENhistory and SENneeds. N, no provision, only ends what came before it.
    """
    history = pupil.inside("SENhistory")
    stages = sorted(
        ((stage.date("StartDate"), stage.text("SENprovision")) for stage in history.each("SEN")),
        key=lambda stage: stage[0] or "",
    )
    for (start, provision), (end, _) in pairwise([*stages, (None, None)]):
        support = _support(provision, Period(start, end))
        if support is not None:
            source_id = f"{key}/sen/{start or 'undated'}/{provision}"
            yield Record(source_id, Category.EDUCATION, (ref,), support)
    needs = tuple(dict.fromkeys((*_needs(history), *_needs(pupil))))
    if needs:
        found = Occurrence(
            kind=OccurrenceKind.SUPPORT,
            title="Special educational needs as the school records them",
            details=tuple(("Need", need) for need in needs),
        )
        yield Record(f"{key}/sen/needs", Category.EDUCATION, (ref,), found, scopes=scopes)


def _support(provision: str | None, period: Period) -> Occurrence | Plan | None:
    if provision in _PLANS:
        kind, title = _PLANS[provision]
        return Plan(kind, title, period)
    if provision in _SUPPORT:
        return Occurrence(OccurrenceKind.SUPPORT, _SUPPORT[provision], period)
    return None


def _needs(holder: Fields) -> Iterator[str]:
    """The needs that have not ended, by rank; SENneeds stands in SENhistory or beside it."""
    needs = [
        need for need in holder.inside("SENneeds").each("SENneed") if not need.has("NeedEndDate")
    ]
    for need in sorted(needs, key=lambda need: (need.text("SENtypeRank") or "").zfill(2)):
        code = (need.text("SENtype") or "").upper()
        if code in _NEEDS:
            yield _NEEDS[code]
