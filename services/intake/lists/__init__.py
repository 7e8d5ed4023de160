"""Whom schools have on their lists: so that one pupil stays one, and who has left, leaves.

In: each message that has somebody on a list (`postgres.PostgresPupilLists.keep`), and that a file
was read to its end (`closing.close_list`).
Out: by which name a sender's records of a person are kept for good; who is no longer on the list.
Rule: nobody is taken off but by a list that is declared whole, and for the part of it alone; where
more than a fifth would go, a data steward says first that they are to.
"""
