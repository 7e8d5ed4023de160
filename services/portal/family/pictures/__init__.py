"""Our own pictures of a family, each beside the same in words: involvement, homes, timeline.

In: a profile, as somebody may see it. Out: SVG in presentation attributes alone.
Rule: the same profile on the same day gives the same bytes; labels after lines (`drawing.svg`).
"""
