"""The figures of a bench document (DESIGN.md section 15)."""

Figure = dict[str, float | str]
"""A value and its unit."""


def figure(value: float, unit: str) -> Figure:
    """Give a figure, to three places."""
    return {"value": round(value, 3), "unit": unit}


def ratio(measured: Figure, baseline: Figure) -> float:
    """How many times the baseline was measured."""
    return round(float(measured["value"]) / float(baseline["value"]), 3)
