"""What was found and answered at an encounter: scales, measurements, questionnaires."""

from dataclasses import dataclass, field

from tests.support.messages.nems import FHIR, Part, concept, maybe, part, reference, resource

Found = tuple[str | None, str | None]
"""What was coded, and the score; either may be missing."""


@dataclass(frozen=True)
class AScale:
    """An assessment scale; `domains` and `total` are what was coded, a score, or both."""

    words: str = "Ages and Stages Questionnaire Third Edition"
    total: Found = (None, None)
    domains: dict[str, Found] = field(default_factory=dict)
    contained: bool = True


def scale(made: AScale, key: str = "scale") -> list[tuple[str, Part]]:
    """A scale as an observation with its sub-scales, contained in it or entries of their own."""
    whole_key, whole = _observation(key, concept("code", "9", made.words), made.total)
    parts = [
        _observation(f"{key}-{number}", part("code", part("text", value=words)), found)
        for number, (words, found) in enumerate(made.domains.items())
    ]
    for number, (part_key, one) in enumerate(parts):
        target = reference("target", part_key)
        if made.contained:
            one.find(f"{{{FHIR}}}id").set("value", f"sub{number}")
            whole.insert(1 + number, part("contained", one))
            target = part("target", part("reference", value=f"#sub{number}"))
        whole.append(part("related", part("type", value="has-member"), target))
    return [(whole_key, whole), *([] if made.contained else parts)]


def observed(
    key: str,
    code: tuple[str, str],
    *,
    quantity: tuple[str, str] | None = None,
    on: str | None = None,
) -> tuple[str, Part]:
    """An observation of a quantity or a day."""
    measured = (
        None
        if quantity is None
        else part(
            "valueQuantity", part("value", value=quantity[0]), part("unit", value=quantity[1])
        )
    )
    return resource(
        "Observation",
        key,
        part("status", value="final"),
        concept("code", *code),
        reference("subject", "patient"),
        maybe("valueDateTime", on),
        measured,
    )


def questionnaire(answers: dict[str, str]) -> tuple[str, Part]:
    """A questionnaire response: an answer is a day where it looks like one, coded otherwise."""
    items = [
        part("item", part("linkId", value=link), part("answer", _answer(words)))
        for link, words in answers.items()
    ]
    return resource(
        "QuestionnaireResponse",
        "answers",
        part("status", value="completed"),
        reference("subject", "patient"),
        reference("author", "practitioner"),
        *items,
    )


def _observation(key: str, code: Part, found: Found) -> tuple[str, Part]:
    coded, score = found
    return resource(
        "Observation",
        key,
        part("status", value="final"),
        code,
        reference("subject", "patient"),
        None if score is None else part("valueQuantity", part("value", value=score)),
        None if coded is None else concept("interpretation", "1", coded),
    )


def _answer(words: str) -> Part:
    if words[:4].isdigit():
        return part("valueDateTime", value=words)
    return part("valueCoding", part("code", value="1"), part("display", value=words))
