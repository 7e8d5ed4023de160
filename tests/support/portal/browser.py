"""Chromium for journeys, a server on a free port to go to, and what is asked of each page."""

import json
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.support.waiting import GENEROUS, eventually

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # one process for all windows: what a page needs is then loaded and compiled once
    "--renderer-process-limit=1",
]
# The first draws nothing that nobody looks at: a page costs half as much processor time.
_PROGRAMS = ("chromium-headless-shell", "chromium")
_AXE = Axe().axe_script
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# No page has a frame, and no rule of these reads style sheets that axe would fetch anew.
_ASKED = {"runOnly": _RULES, "resultTypes": ["violations"], "iframes": False, "preload": False}
_OPTIONS = json.dumps(_ASKED)
# Nothing else of what axe has found is sent: the rest is a hundred times as much.
_VIOLATIONS = f"axe.run({_OPTIONS}).then(found => found.violations)"
_MILLISECONDS = GENEROUS * 1000
# A folder: deploy/tell-once test --pictures
_PICTURES = "TELL_ONCE_PICTURES"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; skip where there is none."""
    path = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        expect.set_options(timeout=_MILLISECONDS)
        browser = playwright.chromium.launch(
            executable_path=path, args=_ARGUMENTS, timeout=_MILLISECONDS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def a_page(browser: Browser, *, scripted: bool = True, wide: int = 1280) -> Iterator[Page]:
    """Open a page in a window of its own, so many pixels wide, with or without script."""
    context = browser.new_context(
        java_script_enabled=scripted, viewport={"width": wide, "height": 640}
    )
    context.set_default_timeout(_MILLISECONDS)
    bring_axe(context)
    try:
        yield context.new_page()
    finally:
        context.close()


def bring_axe(context: BrowserContext) -> None:
    """Have each page of a window come with axe: sent once and compiled once, not page by page."""
    context.add_init_script(_AXE)


def a_port() -> socket.socket:
    """Take a free port on loopback, for what has to know its address before it is made."""
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    return found


@contextmanager
def served(app: FastAPI, listener: socket.socket | None = None) -> Iterator[str]:
    """Serve an application on a free loopback port, or on that of a socket; gives its address."""
    with listener or a_port() as listening:
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            assert eventually(lambda: server.started), "the server did not start"
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def follow(what: Locator) -> None:
    """Press what leads to another page, and wait until all of that is there.

    Whoever looks sooner may see the page that was: what they look for may stand there too.
    """
    with what.page.expect_event("load"):
        what.click()


def accessibility_faults(page: Page) -> list[str]:
    """Ask axe about the page that is open; each fault with the elements it is about."""
    _arrived(page)
    keep_a_picture(page)
    if not page.evaluate("'axe' in window"):  # where the window came without it
        page.evaluate(_AXE)
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']]}"
        for fault in page.evaluate(_VIOLATIONS)
    ]


def width(page: Page) -> int:
    """How many pixels wide the page that is open would have to be, to show all of it."""
    _arrived(page)
    keep_a_picture(page)
    return int(page.locator("html").evaluate("page => page.scrollWidth"))


def _arrived(page: Page) -> None:
    """Wait for the page that a press led to: it is there as soon as its first byte is."""
    page.wait_for_load_state()


def keep_a_picture(page: Page) -> None:
    """Keep a picture of the whole page, where a folder for them is given.

    Its name is the test, how many there were before it, and the page's title.
    """
    folder = os.environ.get(_PICTURES)
    if folder is None:
        return
    test = os.environ["PYTEST_CURRENT_TEST"].partition(" (")[0].removeprefix("tests/")
    place = Path(folder) / _plain(test)
    place.mkdir(parents=True, exist_ok=True)
    number = len(list(place.iterdir())) + 1
    page.screenshot(path=place / f"{number:02} {_plain(page.title())}.png", full_page=True)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", " ", text).strip()
