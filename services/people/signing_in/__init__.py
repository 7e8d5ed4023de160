"""Who somebody is at work, as their organisation's own sign-in says it (OpenID Connect).

In: the providers that one TOML file names (`providers.read_providers`), and tokens of theirs.
Out: in which roles of which agencies somebody may work here (`profiles.admissions`), or what is
missing for it, in words. Rule: `tokens` numbers what is checked of a token, `profiles` what is
asked of each kind of provider; what is not said, or not said rightly, lets nobody in.
"""
