"""The routes of the door's rooms: looks, languages, what somebody keeps in hand themselves."""

from fastapi import APIRouter

from services.interfaces.family_door.keeping import pages_copy, pages_reach
from services.interfaces.family_door.languages import pages as languages
from services.interfaces.family_door.looking import data, pages

ROUTERS: tuple[APIRouter, ...] = (
    pages.router,
    data.router,
    languages.router,
    pages_reach.router,
    pages_copy.router,
)
