"""What time brings to requests to services: reminded, lapsed, shut, sent once they are confirmed.

In a process of its own, as the portal's user: whatever becomes of a request ends what a family
agreed to, and who may write that is the portal alone.
"""

from typing import Final

from services.audit.integrity.seen.showing import shown
from services.bootstrap import Application, DatabaseRole
from services.interfaces.answering.links.working import bringing, place_of
from services.interfaces.connections.working import PostIn, follow_up_all, times_of
from services.platform.logging import LogEvent, configure_logging
from services.platform.loops import Stopping, leave_what_is_loaded, run_until_stopped

_EVERY: Final = 30.0
"""A request that came back, or whose permission was taken back, is told within a minute."""


def follow_up_once(application: Application, post: PostIn | None = None) -> int:
    """Follow up all that is open, once; gives how many changed. Partners are written to."""
    outside, settings = application.outside(DatabaseRole.PORTAL), application.settings
    brings = post or bringing(place_of(settings))
    return follow_up_all(outside, times=times_of(settings), post=brings)


def run_following_up(application: Application, post: PostIn | None = None) -> int:
    """Do that every half minute, until stopped."""
    log = configure_logging("connections")
    outside = application.outside(DatabaseRole.PORTAL)
    stopping = Stopping()
    leave_what_is_loaded()

    def step() -> int:
        follow_up_once(application, post)
        return 0

    log.info(LogEvent.PROCESS_STARTED)
    with shown(application.settings, outside, log) as showing:
        turning = showing.turning(step)
        run_until_stopped(turning, stopping=stopping, idle_wait=_EVERY, log=log)
    log.info(LogEvent.PROCESS_STOPPED)
    return 0
