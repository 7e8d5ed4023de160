"""The directory of services: what councils and partners publish, found by families and workers.

In: councils' feeds (Open Referral UK 3.0 and 1), entries written here, postcodes and their points.
Out: pages without script and Open Referral UK 3.0, both without cookies and without any person.
Rule: what a feed may hold is in `entries.checking`; where it may be read from, `feeds.fetching`;
in which order services are shown, `search.postgres`.
"""
