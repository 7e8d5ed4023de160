"""The family's own door: pages on which somebody sees who can see what, and changes it.

An application of its own, beside the portal and never within it: its own port, cookie and session.
In: `services.FamilyDoorOnDatabase`, each call one transaction. Out: `app.create_family_app`.
Rule: who reaches whom is in services.people.family_access; what is told is in
services.profile.families.own_page.
"""
