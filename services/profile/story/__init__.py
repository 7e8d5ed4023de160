"""What a family has said in its own words: read, written, corrected, kept to fewer.

In: records of the story, and who reads or writes. Out: entries with what was said of them later.
Rule: `entries.story`: what was corrected is shown struck through, and never left out. Who may read
an entry is asked in `reading.StoryVisit`, before any of it is opened.
"""
