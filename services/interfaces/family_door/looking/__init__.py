"""Who has looked, as the family's own door tells it: by month and page, and as data.

In: looks that may be told (services.profile.families.own_page.looks). Out: pages and JSON, counted
after what is held back was left out.
"""
