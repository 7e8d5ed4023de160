"""What a family has said in its own words: read, written, corrected, kept to fewer.

In: records of the story, and who reads or writes. Out: entries with what was said of them later.
Rule: `writing`: an entry is corrected, never changed; `reading`: who may read it is asked first.
"""
