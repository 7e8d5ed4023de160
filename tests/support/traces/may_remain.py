"""What may still be found after something was taken back, where, and why: nothing else may."""

from collections.abc import Mapping

from schemas.topics import records_topic
from schemas.vocabulary import Source
from tests.support.traces.planted import EVERY_WORD, NUMBERS, WORDS
from tests.support.traces.traces import Found

_BUS = (
    "sealed under the person's key for 14 days, so that a profile can be rebuilt; whoever reads it "
    "decides again, and no page or partner can read it"
)
ON_THE_BUS: Mapping[str, str] = {f"topic {records_topic(source)}": _BUS for source in Source}
WITH_ITS_AGENCY: Mapping[str, str] = {
    "holding_health_visiting.held_message": "the agency's own messages under its own key, for a "
    "year; what it deleted of them is not published when the rest is",
}
PARKED: Mapping[str, str] = {
    "public.parked": "sealed for a month; who it is about could not be read, so nobody can say "
    "that it is about somebody who was taken back",
}
WHO_IT_IS: Mapping[str, str] = {
    "public.person_facts": "what the other sources say of who it is, sealed, to tell people apart",
    "public.person_identifier": "the numbers that the other sources gave, sealed",
}
KEPT_BY_CONNECTORS: Mapping[str, str] = {
    "public.contact_told": "how a source says that they are reached, sealed, so that they can show "
    "who they are; it goes when its source takes it back",
    "public.decider_fact": "who is named as responsible and when somebody was born, sealed, to be "
    "asked only whether a decider may decide; it goes when its source takes it back",
    "public.listed_pupil": "by what a school that has no number of its own tells them, sealed, so "
    "that what it sends of them later is not taken for somebody else's; it goes with time",
}
OPAQUE_AFTER_WITHDRAWAL: Mapping[str, str] = {
    **KEPT_BY_CONNECTORS,
    "public.person": "somebody decided about them: the next message has to find that decision",
    "public.person_token": "keyed hashes of numbers, by which it is found",
    "public.person_purge": "when it was purged, so that what comes again is no duplicate",
    "public.published_subject": "that a source once told of them, so that it may take it back",
    "public.record": "scopes that their sources have taken back, so that nothing older returns",
    "public.sharing_decision": "what was decided and withdrawn, by whom, when",
    "public.sharing_decision_subject": "about whom",
    "public.restriction": "whom it protects",
    "public.exclusion": "from whom it keeps a worker out, whose name is sealed",
    "public.protected_place": "keyed hashes of where they live, so that nobody else's record tells",
    "public.contact_held": "since when sources hold contacts of theirs, by keyed hashes",
    "public.relationship": "which agencies have them as their own, by their own feeds",
    "own.told_case": "that an agency's feed has told of its own case",
    "own.told_involvement": "which agency works with them, as its own feed tells",
    "own.told_clearing": "that an agency's feed took that back",
    "own.own_death": "what its own feeds told of a death, sealed for the agency",
    "own.own_label": "how an agency knows its own case, sealed for it",
    "public.ledger_entry": "what was done, for whoever audits it",
    "public.outbox": "that something changed, until it is announced",
    "public.inbox": "which events were handled",
    "public.link_to_consider": "that somebody has to look who they are",
    "topic sharing.decisions": "that something was decided, until something newer is",
    "topic profiles.changed": "that something changed, for 7 days",
    **ON_THE_BUS,
}
OPAQUE_AFTER_ERASURE: Mapping[str, str] = {
    "public.erasure": "that they were erased, and when the key was destroyed",
    "public.two_hands_order": "that two officers ordered it",
    "public.tombstone": "that they had refused, for whoever comes again under the same numbers",
    "public.person": "that there was somebody, without a key",
    "public.ledger_entry": "the proof of it",
    "public.look": "who had looked",
    "public.unusual_act": "that somebody had looked, for as long as rules look back",
    "public.unusual_hit": "that a look was worth asking about",
    **{name: why for name, why in OPAQUE_AFTER_WITHDRAWAL.items() if name.startswith("topic")},
}


def words_left(found: Found, *may: Mapping[str, str]) -> Found:
    """What is found where nothing allows it."""
    allowed = {place for one in may for place in one}
    return {place: words for place, words in found.items() if place not in allowed}


def words_of(source: Source, found: Found, *may: Mapping[str, str]) -> Found:
    """What only this source told that is found where nothing allows it."""
    told = set(WORDS[source])
    left = {place: words & told for place, words in words_left(found, *may).items()}
    return {place: words for place, words in left.items() if words}


EVERYTHING = (*EVERY_WORD, *NUMBERS)
