"""A partner's own screens show a family to one of its practitioners, as a page here would.

In: a family's id, with a token that names practitioner and purpose (`app.py`).
Out: the profile as JSON or as a FHIR R4 Bundle (`bundle.bundle_from_profile`), with a tag; or the
words of the page's refusal.
Rule: `reading.read_for_partner` enters through whom somebody asks and then reads by
`services.profile.reading.read_profile`; which form is sent is in `negotiation.chosen`.
"""
