"""Who referred a child, in words; people are not told apart, so that none is exposed.

Source: children in need census, ReferralSource; golden rule: protect other people's identities.
"""

_PROFESSIONALS = {
    "2A": "School",
    "2B": "Education services",
    "3A": "GP",
    "3B": "Health visitor",
    "3C": "School nurse",
    "3D": "Other primary health services",
    "3E": "Accident and emergency",
    "3F": "Other health services",
    "4": "Housing",
    "5A": "Local authority social care",
    "5B": "Other local authority service",
    "5C": "Another local authority",
    "5D": "Early help",
    "6": "Police",
    "7": "Legal agency",
}


def professional_source(code: str | None) -> str | None:
    """The service that referred; None for family, acquaintances, the child and the anonymous."""
    return _PROFESSIONALS.get((code or "").upper())
