"""Commands that read a family: the profile, its story, reports of everything held, who may be one.

In: a person by id or number, who asks, and for what purpose.
Out: what a page would show to that practitioner, as lines or JSON; the look is on the ledger.
Rule: `services.profile.reading.read_profile` for profiles, `services.people.linking.stewards_view`
for data stewards, `services.interfaces.subject_access.reporting` for reports.
"""
