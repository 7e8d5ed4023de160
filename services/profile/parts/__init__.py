"""What is stored of the shared profile, as it is read: many small facts under one seal.

A part holds the records of one person from one source about which `decide` is asked the same: of
one category, about the same persons, with the same labels and places, kept to the same few. What
came since it was made stands beside it, a record a row, until it is folded in.
"""
