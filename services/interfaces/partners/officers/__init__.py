"""What takes two officers about partners: one asks, another confirms, and only then it holds.

Rule: letting in, new keys, letting in again: `admitting.ask_change`; being told reasons:
`explaining.ask_to_explain`. Shutting out is for one, at once:
services.interfaces.partners.onboarding.
"""
