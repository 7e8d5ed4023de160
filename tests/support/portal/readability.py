"""How old somebody has to be to read a page: the Automated Readability Index.

Smith and Senter, AMRL-TR-66-220 (1967): letters a word and words a sentence, as a school year. 5
is the year in which children are nine or ten.
"""

import re

from lxml import html

AGE_NINE = 5.0
_ENDS = ("h1", "h2", "h3", "caption", "p", "li", "td", "th", "label", "legend", "dt", "dd")


def sentences_of(tree: html.HtmlElement) -> list[str]:
    """What is read in one breath: each sentence, and each line of a list or table."""
    found = []
    for block in tree.iter(*_ENDS):
        if not any(inner.tag in _ENDS for inner in block.iterdescendants()):
            found += re.split(r"(?<=[.!?])\s+", " ".join(block.text_content().split()))
    return [sentence for sentence in found if sentence]


def reading_year(sentences: list[str]) -> float:
    """The school year; numbers, codes and dates are looked at and not read."""
    words = [word for one in sentences for word in re.findall(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*", one)]
    letters = sum(len(re.findall(r"\w", word)) for word in words)
    return 4.71 * letters / len(words) + 0.5 * len(words) / len(sentences) - 21.43


def too_hard(tree: html.HtmlElement, year: float) -> list[str]:
    """What is wrong with a page for that year: as a whole, and its whole sentences by themselves.

    Short lines of a table would else make up for any prose. Under 100 words tell nothing.
    """
    all_of_it = sentences_of(tree)
    if sum(len(sentence.split()) for sentence in all_of_it) < _LONG_ENOUGH:
        return []
    prose = [one for one in all_of_it if one[-1] in ".!?" and len(one.split()) >= _A_SENTENCE]
    found = {"the page": reading_year(all_of_it), "its sentences": reading_year(prose)}
    return [f"{what}: year {told:.1f}" for what, told in found.items() if told > year]


_LONG_ENOUGH, _A_SENTENCE = 100, 4
