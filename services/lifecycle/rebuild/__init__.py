"""The shared profile is built anew beside the live one, compared with it, and put in its place.

In: what is stored, and what the bus still has (`postgres_shadow.read_live`, `rules.replay`).
Out: how the new differs from the live (`postgres_swap.compare`), then the live as the new.
Rule: every record is decided on again by the rules that store it
(`services.profile.storing.store_opened`); what was purged since it was said does not come back
(`rules.py`). Until `postgres_swap.put_in_place` nothing live is touched.
"""
