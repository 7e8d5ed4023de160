"""What somebody of a family writes on their own page: their story, and what is to be put right.

In: their words, kept sealed under their own key. Out: the entries that they read again, and what
goes to the shared profile as any entry of the story does. Rule: `telling.OwnStory`: nobody reads
another's words here, and nothing tells whether what they wrote was let through.
"""
