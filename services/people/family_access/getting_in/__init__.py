"""Getting in by somebody else's word for who one is: GOV.UK One Login and NHS login.

In: providers that one TOML file names, off until it does. Out: whom they say that somebody is
(`identity.identity_of_one_login`), and the one person of ours who that can be, or nobody.
Rule (`matching.who_it_is`): exact name, date of birth, and NHS number or address; one hit; never
onto somebody protected.
Whoever is not let in is told one thing, whatever the reason.
"""
