"""What the family said, as FHIR: an entry with what became of it, never one without the other."""

from schemas.fhir_mapping.events import communication_from_story
from schemas.fhir_mapping.systems import (
    CATEGORY,
    KEPT_TO,
    SOURCE,
    Resource,
    extension,
    without_empty,
)
from schemas.identifiers import PersonId
from schemas.records.payloads import StoryConfirmation
from schemas.vocabulary import Category, Source
from services.aggregation.story_views import StoryCorrection, StoryView

_EXTENSION = "urn:tell-once:extension:"


def story_entry(view: StoryView, child: PersonId) -> Resource:
    """A Communication under the entry's own key; a corrected one names what stands in its place.

    Stories are told here and nowhere else, so that is their source.
    """
    written = communication_from_story(view.entry, view.about or (child,))
    kept = [{"system": KEPT_TO, "code": mark} for mark in sorted(view.kept_to)]
    return written | {
        "identifier": [{"system": "urn:tell-once:record", "value": view.key}],
        "extension": [
            *written["extension"],
            *(_correction(one) for one in view.corrections),
            *(_confirmation(one) for one in view.confirmations),
        ],
        "meta": without_empty(
            source=f"{SOURCE}{Source.FAMILY_HUB.value}",
            tag=[{"system": CATEGORY, "code": Category.STORY.value}],
            security=kept,
        ),
    }


def _correction(one: StoryCorrection) -> Resource:
    return {
        "url": f"{_EXTENSION}corrected",
        "extension": [extension("by", kind="String", value=one.key), *_written(one)],
    }


def _confirmation(one: StoryConfirmation) -> Resource:
    """The family said that nothing has changed in it."""
    return {"url": f"{_EXTENSION}confirmed", "extension": _written(one)}


def _written(one: StoryCorrection | StoryConfirmation) -> list[Resource]:
    return [
        extension("told-by", kind="String", value=one.told_by),
        extension("written-by", kind="String", value=one.written_by),
        extension("written-at", kind="String", value=one.written_at),
    ]
