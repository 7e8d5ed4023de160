"""Telling, on one's own page: one's story, what is to be put right, and who else can act.

In: what somebody of a family writes. Out: entries of their story, questions to governance. Rule:
nobody reads another's words here; see services.profile.story.own and services.audit.reviews.
"""
