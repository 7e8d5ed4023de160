"""SupportServices in memory: the real keys and merge, without bus or ledger."""

from dataclasses import dataclass, replace

from connectors.family_hub.support import key_of_help, key_of_involvement, key_of_step
from consent import Reason
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    FactStatus,
    HelpWanted,
    Involvement,
    NextStep,
    Payload,
    Period,
    WrittenHere,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import Directory, SignedInPractitioner
from services.profile.merging import sections
from services.profile.merging.support import help_wanted, next_steps
from services.profile.model import Profile, ProfileRefused, StepView
from services.profile.story.support import (
    Answer,
    HelpSaid,
    InvolvedSaid,
    NotPublished,
    StepSaid,
    SupportForm,
    SupportOutcome,
)
from tests.support.fakes.fake_portal_stories import FakeHasher, FakeStoryServices, refused_for

Said = dict[PersonId, dict[str, PublishedRecord]]
_WRITTEN = SupportOutcome.WRITTEN


@dataclass(slots=True)
class FakeSupport:
    """What practitioners wrote beside the stories of `families`; `said` outlives a request."""

    families: FakeStoryServices
    said: Said

    def say_help(
        self, who: SignedInPractitioner, person: PersonId, said: HelpSaid, form: SupportForm
    ) -> Answer:
        key = form.entry or key_of_help(person, who.id, form.once, FakeHasher())
        before = self._own(who, person, key, HelpWanted)
        written, since = self._written(who, before), self._day
        wanted = HelpWanted(said.text, written, said.helper, said.status, since)
        return self._say(who, person, key, wanted, before, form, Category.EARLY_HELP)

    def say_step(
        self, who: SignedInPractitioner, person: PersonId, said: StepSaid, form: SupportForm
    ) -> Answer:
        key = form.entry or key_of_step(person, who.id, form.once, FakeHasher())
        before = self._own(who, person, key, NextStep)
        plan = before.plan if isinstance(before, NextStep) else said.plan
        known = {v.key: v.category for v in self.families.profiles[person].plans}
        if plan is not None and plan not in known:
            return SupportOutcome.NOT_THEIRS
        written, status = self._written(who, before), said.status
        step = NextStep(said.text, said.who, written, said.by, plan, status, self._day)
        category = known[plan] if plan else Category.EARLY_HELP
        return self._say(who, person, key, step, before, form, category)

    def say_involved(
        self, who: SignedInPractitioner, person: PersonId, said: InvolvedSaid, form: SupportForm
    ) -> Answer:
        key = key_of_involvement(person, who.id, FakeHasher())
        stands = self.involvement(who, person, form.purpose)
        if isinstance(stands, ProfileRefused):
            return stands
        if said.is_over and stands is None:
            return SupportOutcome.NOT_THEIRS
        involved = Involvement(
            who.agency_name,
            who.agency_code,
            who.agency_name,
            practitioner_name=who.name,
            role=who.job_title,
            telephone=None if said.is_over else said.telephone,
            period=Period(self._day, self._day if said.is_over else None),
            status=FactStatus.ENDED if said.is_over else FactStatus.HOLDS,
        )
        new = replace(form, entry=None)
        return self._say(who, person, key, involved, stands, new, Category.PRACTITIONERS)

    def take_back(self, who: SignedInPractitioner, person: PersonId, form: SupportForm) -> Answer:
        if not self.families.has_relationship(who, person):
            return refused_for(Reason.NO_RELATIONSHIP)
        key = form.entry or key_of_involvement(person, who.id, FakeHasher())
        kinds = (HelpWanted, NextStep) if form.entry else (Involvement,)
        if self._own(who, person, key, *kinds) is None:
            return SupportOutcome.NOT_THEIRS
        del self.said[person][key]
        return _WRITTEN

    def involvement(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,  # noqa: ARG002 the same for every purpose
    ) -> Involvement | ProfileRefused | None:
        if not self.families.has_relationship(who, person):
            return refused_for(Reason.NO_RELATIONSHIP)
        key = key_of_involvement(person, who.id, FakeHasher())
        found = self._own(who, person, key, Involvement)
        return found if isinstance(found, Involvement) else None

    def work_number(self, who: SignedInPractitioner) -> str | None:
        del who
        return "01632 960 100"

    def shown_in(self, profile: Profile) -> Profile:
        """The profile with what was written."""
        records = [*self.said.get(profile.child, {}).values()]
        today = profile.as_of.date().isoformat()
        workers = sections.practitioners(records, Directory({}, {}), today)
        return replace(
            profile,
            practitioners=(*workers, *profile.practitioners),
            help_wanted=help_wanted(records),
            next_steps=self._steps(profile, records),
        )

    @staticmethod
    def _steps(profile: Profile, records: list[PublishedRecord]) -> tuple[StepView, ...]:
        """With the plans of an invented profile, which is of no records."""
        plans = [
            PublishedRecord(
                RecordKey(v.key), Source.SOCIAL_CARE, v.category, (v.person,), "0/0", v.plan
            )
            for v in profile.plans
        ]
        return next_steps([*plans, *records])

    @property
    def _day(self) -> str:
        return self.families.now().date().isoformat()

    def _written(self, who: SignedInPractitioner, before: Payload | None) -> WrittenHere:
        if isinstance(before, HelpWanted | NextStep):
            return before.written
        by = f"{who.name}, {who.job_title}, {who.agency_name}"
        return WrittenHere(by, self.families.now().isoformat(), who.id)

    def _own(
        self, who: SignedInPractitioner, person: PersonId, key: str, *kinds: type[Payload]
    ) -> Payload | None:
        found = self.said.get(person, {}).get(key)
        payload = found.payload if found else None
        if isinstance(payload, HelpWanted | NextStep) and payload.written.author != who.id:
            return None
        return payload if isinstance(payload, kinds) else None

    def _say(  # noqa: PLR0917 what every order has
        self,
        who: SignedInPractitioner,
        person: PersonId,
        key: str,
        said: HelpWanted | NextStep | Involvement,
        before: Payload | None,
        form: SupportForm,
        category: Category,
    ) -> Answer:
        if not self.families.has_relationship(who, person):
            return refused_for(Reason.NO_RELATIONSHIP)
        if form.entry is not None and before is None:
            return SupportOutcome.NOT_THEIRS
        at = f"{self.families.now().isoformat()}/0"
        hub = Source.FAMILY_HUB
        record = PublishedRecord(RecordKey(key), hub, category, (person,), at, said)
        why_not = self.families.why_not_held(record)
        if why_not is not None:
            return NotPublished(why_not)
        self.said.setdefault(person, {})[key] = record
        return _WRITTEN
