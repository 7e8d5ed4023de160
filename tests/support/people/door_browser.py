"""The family's own door in a browser on a telephone, and what is asked of each page there."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.support.people.door_world import MOTHERS_DAY, DoorWorld
from tests.support.portal.browser import accessibility_faults, follow, width

PHONE, NARROW = 390, 320


@dataclass(slots=True)
class OnATelephone:
    """Somebody on their telephone: what was wrong with the pages that they came by."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def ask(self, heading: str) -> None:
        """Ask that this is the page, at 390 pixels and at 320 (WCAG 1.4.10)."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.faults.extend(f"{heading}: {fault}" for fault in accessibility_faults(self.page))
        self.page.set_viewport_size({"width": NARROW, "height": 640})
        if width(self.page) != NARROW:
            self.faults.append(f"{heading}: wider than the screen")
        self.page.set_viewport_size({"width": PHONE, "height": 844})

    def press(self, name: str) -> None:
        """Press a button."""
        follow(self.page.get_by_role("button", name=name))

    def go(self, name: str) -> None:
        """Follow the first link whose words begin so."""
        follow(self.page.get_by_role("link", name=name).first)

    def type_code(self, door: DoorWorld) -> None:
        """Type the code that came."""
        code = door.code()
        assert code is not None
        self.page.get_by_label("6 numbers").fill(code)

    def sign_in(self, door: DoorWorld) -> None:
        """When she types her number, the code that comes, and her birthday."""
        self.press("Carry on")
        self.page.get_by_label("Mobile number or email").fill(door.world.mobile.value)
        door.code()
        self.press("Send me a code")
        self.type_code(door)
        for part, number in zip(
            ("Day", "Month", "Year"),
            (MOTHERS_DAY.day, MOTHERS_DAY.month, MOTHERS_DAY.year),
            strict=True,
        ):
            self.page.get_by_label(part, exact=True).fill(str(number))
        self.press("Sign in")
