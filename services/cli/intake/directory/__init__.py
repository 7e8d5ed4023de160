"""Commands about services of the directory: feeds, partners, what is due, invented ones.

In: words of a command line. Out: one document or lines for people, and an exit code. What each does
is a use case elsewhere (`services.interfaces.directory`, `services.interfaces.connections`,
`services.people.community`); here is no rule.
"""
