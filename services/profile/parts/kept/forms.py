"""As what an answer is kept: the profile itself, or what a door makes of it, each but its statuses.

When a source was last heard from changes with every message; so what is kept leaves out how the
sources stand, and when it was read, and each reading says that anew. Pure.
"""

from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from schemas.identifiers import PersonId
from schemas.vocabulary import Category
from services.profile.merging.claims import Provenance
from services.profile.merging.timeline import entry_of
from services.profile.model import Profile, SourceStatus

Told_co = TypeVar("Told_co", covariant=True)


class Form(Protocol[Told_co]):
    """What a profile is answered as, and how that is kept.

    `told(written(profile), …)` MUST be what `made` gives of the same profile with these statuses
    and this moment, for every profile.
    """

    @property
    def name(self) -> str:
        """Another than that of any other form."""

    def made(self, profile: Profile) -> Told_co:
        """The answer."""

    def written(self, profile: Profile) -> bytes:
        """What is kept of it: all but statuses and moment."""

    def told(self, kept: bytes, sources: tuple[SourceStatus, ...], at: datetime) -> Told_co:
        """The answer, of what was kept."""


# The profile itself. What happened stays unread, as in a reading that merged it.

_Happened = tuple[str | None, PersonId, Category, Provenance, str, bytes]


class _KeptProfile(msgspec.Struct, array_like=True):
    profile: Profile
    timeline: list[_Happened]


class AsProfile:
    """A Form: the profile, as our own pages show it."""

    name = "profile"

    def made(self, profile: Profile) -> Profile:
        """The profile."""
        return profile

    def written(self, profile: Profile) -> bytes:
        """Field for field, in MessagePack."""
        happened = [
            (one.date, one.person, one.category, one.provenance, one.key, one.text)
            for one in profile.timeline
        ]
        bare = replace(profile, timeline=(), sources=())
        return _WRITER.encode(_KeptProfile(bare, happened))

    def told(self, kept: bytes, sources: tuple[SourceStatus, ...], at: datetime) -> Profile:
        """The same profile, as it is read now."""
        found = _READER.decode(kept)
        timeline = tuple([entry_of(*one) for one in found.timeline])
        return replace(found.profile, timeline=timeline, sources=sources, as_of=at)


_WRITER = msgspec.msgpack.Encoder()
_READER: msgspec.msgpack.Decoder[_KeptProfile] = msgspec.msgpack.Decoder(_KeptProfile)
AS_PROFILE = AsProfile()
