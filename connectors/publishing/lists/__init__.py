"""Whom senders without lasting references of their own have on their lists.

In: messages that have somebody on a list, and who they turned out to be.
Out: the same messages, named by what a person's records are named by for good (`told.ListsTold`).
Rule: what a sender told a person by first is what counts; who is on a list is kept with its version
(`ports.PupilLists`), so that who is no longer there can be told (`services.intake.lists`).
"""
