"""The professional's portal: its pages, and the one door through which they ask.

In: requests of browsers (`app.create_app`), and what is asked for them (`ports.PortalServices`).
Out: pages. Each call through the door is one transaction (`services.PortalOnDatabase`).
Rule: none of its own. Who may do what is beside its capability: `services.people.practitioners`,
`services.profile.families`, `services.profile.story.writing`, `services.decisions.at_the_desk`.
"""
