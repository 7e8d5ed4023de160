"""What a page shows of one message: read, mapped, merged and put into words, with no database."""

from dataclasses import asdict, dataclass

from schemas.records.message import SourceMessage
from schemas.records.published import PublishedRecord, RecordKey
from schemas.vocabulary import Action
from services.people.practitioners.people import Directory
from services.portal.family.overview import (
    PractitionerLine,
    TimelineItem,
    practitioner_lines,
    timeline_items,
)
from services.profile.merging.sections import practitioners, timeline
from tests.support.builders import CHILD
from tests.support.checkout import ROOT
from tests.support.profiles import a_profile

HEALTH_CASES = ROOT.parent / "shared" / "cases" / "health"
_TODAY = "2026-11-30"


@dataclass(frozen=True)
class Shown:
    """The timeline and those who work with the child, each in the words of the page."""

    timeline: tuple[TimelineItem, ...]
    practitioners: tuple[PractitionerLine, ...]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Every label of the timeline with what stands beside it, in order."""
        return [fact for item in self.timeline for fact in item.details]

    @property
    def words(self) -> str:
        """Everything that is shown, in one text."""
        return str([asdict(one) for one in (*self.timeline, *self.practitioners)])


def shown(message: SourceMessage) -> Shown:
    """What a page shows of the message's records, all of them about the child."""
    published = [
        PublishedRecord(
            key=RecordKey(record.source_id),
            source=message.source,
            category=record.category,
            persons=(CHILD,),
            version=message.version.sort_key,
            payload=record.payload,
            labels=record.labels,
        )
        for record in message.records
        if record.action is Action.UPSERT
    ]
    profile = a_profile(
        timeline=timeline(published),
        practitioners=practitioners(published, Directory({}, {}), _TODAY),
    )
    return Shown(timeline_items(profile), practitioner_lines(profile))
