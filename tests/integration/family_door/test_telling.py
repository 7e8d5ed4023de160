"""Telling on one's own page: one's story, what is to be put right, and who else can act."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import Decider, DeciderKind, Response
from schemas.records.message import Record
from schemas.records.payloads import PersonDetails, StoryEntry
from schemas.vocabulary import Category, Source
from services.audit.reviews.postgres import PostgresFamilyQuestions
from services.audit.reviews.put_right import words_of_question
from services.interfaces.subject_access.held import Beside
from services.work import unit_of_work
from tests.support.erasing import erased
from tests.support.people.door_acts import ask_right, say_new, tell
from tests.support.people.door_world import FATHERS_DAY, MOTHERS_DAY, DoorWorld
from tests.support.portal.pages import PageClient
from tests.support.subject_access import the_report

pytestmark = pytest.mark.postgres
_SAID, _LATER = "He sleeps badly since May.", "He sleeps better now."


def entry_of(door: DoorWorld, words: str) -> StoryEntry:
    """What the shared profile holds of these words."""
    door.world.running.settle()
    stored = door.world.running.stored(door.world.child)
    found = (r.payload for r in stored if isinstance(r.payload, StoryEntry))
    return next(one for one in found if one.text == words)


def test_mother_tells_corrects_confirms_and_keeps_to_some(door: DoorWorld):
    """Her words, as hers, by the same record as what a worker writes; the old is struck through."""
    door.world.running.settle()
    client = door.client_of("mother")
    empty = client.get("/story")
    wrong = client.send("/story/add", "/story/add", {"words": ""})

    tell(client, door.world.child, _SAID)
    shared = entry_of(door, _SAID)
    at = _link(client, "Change this")
    client.send_and_follow(at, at, {})
    client.send_and_follow(f"{at}/words", f"{at}/words", {"words": _LATER})
    listed = client.get("/story")
    newer = _link(client, "Change this")
    kept = client.send_and_follow(f"{newer}/keep", f"{newer}/keep", {"services": ["schools"]})
    wider = client.send(f"{newer}/keep", f"{newer}/keep", {"services": ["social-care"]})

    assert "You have not told us anything here yet." in empty.text
    assert wrong.errors == ["Pick one person.", "Write something first."]
    assert (shared.told_by, shared.written_by) == (
        "Eva Novak",
        "the mother herself, on her own page",
    )
    assert listed.tree.xpath("//s")[0].text_content() == _SAID
    assert _LATER in listed.text
    assert "You keep it to: School" in kept.text
    assert wider.errors == ["It can be fewer than now. It cannot be more."]
    assert client.get(f"{at}/words", 404)
    events = (LedgerEvent.STORY_ADDED, LedgerEvent.STORY_CONFIRMED, LedgerEvent.STORY_CORRECTED)
    assert [e.event for e in door.entries(*events)] == list(events)
    assert all(e.actor.startswith("family:") for e in door.entries(*events))


def test_words_that_nobody_else_may_read_stay_hers_until_she_says_yes(door: DoorWorld):
    """Whether they were let through is told by what she may know alone; a yes of hers lets them."""
    adult = Decider(DeciderKind.ADULT_SELF, "adult-self")
    no = {"response": Response.REFUSED, "decided_by": adult}
    door.said_of_oneself(door.world.mother, categories={Category.STORY}, **no)
    door.world.clock.pass_by(timedelta(minutes=1))
    born = PersonDetails(date_of_birth=MOTHERS_DAY.isoformat(), is_verified=True)
    birth = Record("her birth", Category.IDENTITY_AND_CONTACT, ("mother",), born)
    door.world.tell(birth, source=Source.HEALTH_VISITING)
    client = door.client_of("mother")
    tell(client, door.world.mother, "I was in care myself.")
    before = client.get("/story").text
    refused = door.entries(LedgerEvent.STORY_REFUSED)

    told = {"about": door.world.mother, "who": ["family-hub"], "what": ["story"]}
    done = say_new(door, client, say="yes", lasts="no-end", **told)

    assert "About You: Only you can read this now." in before
    assert len(refused) == 1
    assert done.heading == "You said yes"
    assert "It started at" in done.text
    assert len(door.entries(LedgerEvent.STORY_ADDED)) == 1
    assert "I was in care myself." in client.get("/story").text


def test_fathers_words_are_on_no_page_of_hers(door: DoorWorld):
    """Nor does a worker's note of them; what she told a worker of a small child is."""
    father = door.client_of("father")
    tell(father, door.world.child, "QUILLFEATHER lives with me.")
    ask_right(father, "Who can act", "QUILLFEATHER is not right.")
    mother = door.client_of("mother")
    pages = [mother.get(page).response.text for page in ("/home", "/story", "/right", "/others")]

    assert "QUILLFEATHER" not in "".join(pages)


def test_what_is_wrong_goes_to_governance_in_her_words_and_is_answered_here(door: DoorWorld):
    """With a due date; of whom it is and what, as codes in the ledger, and no word of it."""
    details = PersonDetails(given_names=("Quincey",))
    door.world.tell(Record("name", Category.IDENTITY_AND_CONTACT, ("child",), details))
    door.world.running.settle()
    client = door.client_of("mother")

    asked = ask_right(client, "We call your child Quincey.", "It is Quincy.")
    entry = door.entries(LedgerEvent.FAMILY_QUESTION_ASKED)[-1]
    with unit_of_work(door.world.running.portal) as work:
        questions = PostgresFamilyQuestions(work.connection)
        question = questions.find(str(entry.fields["question"]))
        assert question is not None
        said = words_of_question(question, work=work)
        questions.add(replace(question, answer="corrected", state=2), at=work.now)
    told = client.get("/right").text
    token = client.get("/off").token_of("/off")
    strange = client.http.post(f"/right/{'f' * 32}", data={"csrf": token, "words": "x"})

    assert "It is Quincy." in asked.text
    assert "We will answer here by" in asked.text
    assert said is not None
    assert (said.words, said.about) == ("It is Quincy.", door.world.child)
    assert entry.fields["asks"] == "is-wrong"
    assert "It is Quincy." not in str(entry)
    assert "We looked into it, and put it right." in told
    assert strange.status_code == 404
    assert "It is Quincy." not in client.get("/looked").text


def test_own_words_are_told_to_who_wrote_them_and_go_with_whom_they_are_about(door: DoorWorld):
    """In her own report and in nobody else's; an erasure of the child takes them too."""
    client = door.client_of("mother")
    tell(client, door.world.child, _SAID)
    ask_right(client, "Something else we hold. About: You.", "My name has a z.")

    hers = the_report(door.world.running, door.world.mother).beside
    childs = the_report(door.world.running, door.world.child).beside

    own = [line for one in hers if one.what is Beside.OWN_WORDS for line in one.lines]
    assert sorted(own) == [("Words", _SAID), ("Words", "My name has a z.")]
    assert not [one for one in childs if one.what is Beside.OWN_WORDS]
    assert door.world.running.count("family_words") >= 2
    before = door.world.running.count("family_words")
    erased(door.world.child, door.world.running.outside)
    assert door.world.running.count("family_words") == before - 1


def test_who_else_can_act_is_told_without_place_and_never_of_who_is_protected(door: DoorWorld):
    """By first name and kind of source; protected, her name is on his page as if never told."""
    father = door.client_of("father")
    before = father.get("/others").text
    alone = DoorWorld.of(type(door.world).among(door.world.running, door.world.clock))
    ended = alone.tie("mother", until="2026-01-31")
    alone.world.tell(ended, at="2026-02-02T00:00:00Z")
    other = alone.client_of("father").get("/others").text

    door.world.running.restrict(door.world.mother)
    door.sign_in_at(father, door.fathers.value, FATHERS_DAY)
    after = father.get("/others").text

    assert "Eva We know this from the school. They can say yes or no too." in before
    assert "Novak" not in before
    assert door.fathers.value not in before
    assert "Eva" not in after
    assert after == other


def _link(client: PageClient, text: str) -> str:
    links = client.get("/story").links
    return next(to for words, to in links.items() if words.startswith(text))
