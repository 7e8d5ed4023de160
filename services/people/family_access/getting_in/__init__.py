"""Getting in by somebody else's word for who one is: GOV.UK One Login and NHS login.

In: providers that one TOML file names, off until it does. Out: whom they say that somebody is
(`identity`), and the one person of ours who that can be (`matching`), or nobody.
Rule: exact name, date of birth, and NHS number or address; one hit; never onto somebody protected.
Whoever is not let in is told one thing, whatever the reason.
"""
