"""Bars as text: the same for the same counts, without style, and with the counts in words."""

from services.portal.audit.figures.bars import bars, highest_of


def test_bars_are_drawn_with_attributes_and_words() -> None:
    """Each shown count is as high as it is large; 0 is nothing; a hidden one has one height."""
    drawn = bars("looks-0", "Looks, Trust & School", [10, 0, None, 5], highest=10)

    assert drawn == (
        '<svg viewBox="0 0 210 66" width="100%" role="img" '
        'aria-labelledby="looks-0-title looks-0-text">'
        '<title id="looks-0-title">Looks, Trust &amp; School</title>'
        '<desc id="looks-0-text">10, 0, hidden, 5</desc>'
        '<rect x="1.0" y="0.0" width="49.5" height="64.0" fill="#00625a"/>'
        '<rect x="106.0" y="55.0" width="49.5" height="9.0" fill="none" stroke="#505a5f" '
        'stroke-dasharray="2 2"/>'
        '<rect x="158.5" y="32.0" width="49.5" height="32.0" fill="#00625a"/>'
        '<path d="M0 64h210" stroke="#505a5f" stroke-width="1"/></svg>'
    )
    assert "style" not in drawn


def test_the_height_of_a_hidden_count_does_not_depend_on_others() -> None:
    """Nor does the scale tell it."""
    low, high = (bars("a", "A", [None, n], highest=n) for n in (5, 5000))

    assert low.count('height="9.0"') == high.count('height="9.0"') == 1
    assert highest_of([None, 7], [None]) == 7
    assert highest_of([None]) == 0
