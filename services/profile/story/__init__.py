"""What is written with a family: its story in its own words, help wanted, next steps.

In: records of the story, and who reads or writes. Out: entries with what was said of them later.
Rule: `entries.story`: what was corrected is shown struck through, and never left out. Who may read
an entry is asked in `reading.StoryVisit`, before any of it is opened. What practitioners write
beside the story is changed by its writer alone (`support.say_help`).
"""
