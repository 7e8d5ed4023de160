"""Dataclasses that nobody changes, where hundreds of them are made to show one page.

`frozen=True` has each field of each object set by a call that first looks whether it may: making
one of ten fields takes five times as long as without. So these are frozen for the type checker,
which every line of ours passes, and not a second time while the program runs. Whatever else holds
of a frozen dataclass holds of them: they are equal by what they say, and are hashed by it.

For what a family's record is made of. What decides (consent/) stays frozen at run time as well.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as unchanging
else:
    from dataclasses import dataclass

    _Class = TypeVar("_Class", bound=type[Any])

    def unchanging(
        *,
        frozen: bool,
        slots: bool,
        repr: bool = True,  # noqa: A002 named as there
    ) -> Callable[[_Class], _Class]:
        """Make a dataclass: written as `dataclass(frozen=True, slots=True)` is."""
        if not frozen:
            raise TypeError("what may be changed is a dataclass like any other")
        return dataclass(slots=slots, repr=repr, unsafe_hash=True)


__all__ = ["unchanging"]
