"""The pages of the family's own story: read, add, correct, confirm, keep to fewer people.

In: forms with what was said, by whom, about whom, and whom it is kept to (`form.read_told`).
Out: the story in the family's words with who may read each entry (`words.story_items`).
Rule: who may read an entry is asked from `decide` (`services.profile.story.reading`) and shown
before anything is written; who may write is in `services.profile.story.writing`; nothing is ever
changed in place (`connectors.family_hub.story`).
"""
