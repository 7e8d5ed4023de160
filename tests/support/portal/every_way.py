"""What is asked of a page that is open, in each of the ways in which somebody may have it.

320 pixels wide (WCAG 1.4.10), without script, in forced colours (what Windows calls contrast
themes), and on paper; axe is asked in each of them. A fault is said in words, with the way.
"""

import re
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.portal.browser import accessibility_faults, bring_axe, follow, width

NARROW, PAPER = 320, 718
"""How wide a small telephone is, and A4 between its margins, in pixels."""

# What leads or asks needs an edge of its own: forced colours take every background away.
_WITHOUT_AN_EDGE = """() => [...document.querySelectorAll(
    'main button, main input:not([type=hidden]), main select, main textarea, .govuk-tag')]
  .filter(one => one.checkVisibility())
  .filter(one => !one.closest('.govuk-radios, .govuk-checkboxes'))
  .filter(one => !one.classList.contains('app-link-button'))
  .filter(one => {
    const style = getComputedStyle(one);
    return parseFloat(style.borderTopWidth) + parseFloat(style.outlineWidth) === 0
      || style.borderTopStyle + style.outlineStyle === 'nonenone';
  }).map(one => one.outerHTML.slice(0, 90))"""

# What is current has to differ from what is not by more than colour.
_NOT_TOLD_APART = """() => [...document.querySelectorAll('nav [aria-current=page]')]
  .filter(one => one.tagName === 'A' && one.checkVisibility())
  .filter(one => !one.querySelector('strong') && getComputedStyle(one).fontWeight < 600
    && !one.closest('.govuk-pagination'))
  .map(one => one.outerHTML.slice(0, 90))"""

# A picture has a ground of its own, so its colours stay; else it would be dark on dark.
_LOST_PICTURES = """() => [...document.querySelectorAll('main svg[role=img]')]
  .filter(one => getComputedStyle(one).forcedColorAdjust !== 'none')
  .map(one => one.outerHTML.slice(0, 90))"""

# On paper nothing can be pressed or moved aside.
_USELESS_ON_PAPER = """() => [...document.querySelectorAll('nav, button, .govuk-skip-link')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height > 1)
  .map(one => `can only be pressed: ${one.outerHTML.slice(0, 90)}`)"""
_CUT_OFF_ON_PAPER = """() => [...document.querySelectorAll('main *')]
  .filter(one => one.checkVisibility() && one.clientWidth > 1)
  .filter(one => ['auto', 'scroll', 'hidden'].includes(getComputedStyle(one).overflowX))
  .filter(one => one.scrollWidth > one.clientWidth + 1)
  .map(one => `is cut off: ${one.outerHTML.slice(0, 90)}`)"""

# Without script a link has to lead somewhere and a form to go somewhere by itself.
_DEAD_WITHOUT_SCRIPT = """() => [
  ...[...document.querySelectorAll('a')].filter(one => {
    const to = one.getAttribute('href') || '';
    return !to || to === '#' || to.startsWith('javascript:')
      || (to.startsWith('#') && !document.getElementById(to.slice(1)));
  }),
  ...[...document.querySelectorAll('form')].filter(one =>
    !one.querySelector('button:not([type=button]), input[type=submit]')),
  ...[...document.querySelectorAll('button[type=button], [hidden]')],
].map(one => one.outerHTML.slice(0, 90))"""

_AS_WITHOUT_SCRIPT = "document.body.classList.remove('js-enabled', 'govuk-frontend-supported')"


def faults_every_way(page: Page) -> Iterator[str]:
    """Say what is wrong with the page that is open, in each way that needs no other browser."""
    page.set_viewport_size({"width": NARROW, "height": 640})
    yield from _wider(page, NARROW)
    yield from accessibility_faults(page)
    page.evaluate(_AS_WITHOUT_SCRIPT)
    yield from (f"as without script: {fault}" for fault in accessibility_faults(page))
    page.emulate_media(forced_colors="active")
    for what, asked in (
        ("has no edge", _WITHOUT_AN_EDGE),
        ("is current by colour alone", _NOT_TOLD_APART),
        ("is a picture whose colours are lost", _LOST_PICTURES),
    ):
        yield from (f"in forced colours {what}: {one}" for one in page.evaluate(asked))
    yield from (f"in forced colours: {fault}" for fault in accessibility_faults(page))
    page.emulate_media(forced_colors="none", media="print")
    page.set_viewport_size({"width": PAPER, "height": 1000})
    yield from _on_paper(page)
    page.emulate_media(media="screen")


def _wider(page: Page, wide: int) -> Iterator[str]:
    found = width(page)
    if found > wide:
        yield f"is {found} pixels wide on {wide}"


def _on_paper(page: Page) -> Iterator[str]:
    yield from (f"on paper {fault}" for fault in _wider(page, PAPER))
    if not page.locator("h1").first.is_visible():
        yield "on paper: no heading is to be seen"
    for asked in (_USELESS_ON_PAPER, _CUT_OFF_ON_PAPER):
        yield from (f"on paper {fault}" for fault in page.evaluate(asked))
    yield from (f"on paper: {fault}" for fault in accessibility_faults(page))


def faults_without_script(page: Page, words: str) -> Iterator[str]:
    """Say what is wrong with it without script; `words` is what it says with script.

    axe is script itself: it is asked of the page with script, dressed as it is without.
    """
    yield from _wider(page, NARROW)
    yield from (f"without script is dead: {one}" for one in page.evaluate(_DEAD_WITHOUT_SCRIPT))
    if words_of(page) != words:
        yield "says something else without script"


def words_of(page: Page) -> str:
    """All that the page says in its main part, but figures: clocks go on from look to look."""
    return " ".join(re.sub(r"\d+", "#", page.locator("main").inner_text()).split())


def signed_in(browser: Browser, url: str, who: str, *, scripted: bool) -> BrowserContext:
    """Open a window in which somebody has signed in."""
    context = browser.new_context(
        java_script_enabled=scripted, viewport={"width": NARROW, "height": 640}
    )
    bring_axe(context)
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.check(f"input[name=person][value='{who}']")
    follow(page.get_by_role("button", name="Sign in"))
    return context
