"""When somebody looked before: of their own looks, in another visit, by no statement of its own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose
from services.people.practitioners.people import SignedInPractitioner
from services.portal.services import PortalOnDatabase
from services.profile.model import Profile
from services.profile.postgres_looks import LOOKED_BEFORE
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.clock import StandingClock
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import a_message, the_child
from tests.support.people.relating import relate
from tests.support.statements import counting

pytestmark = pytest.mark.postgres
