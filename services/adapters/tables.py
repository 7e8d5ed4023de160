"""The one MetaData that every table module of the adapters adds its tables to."""

from sqlalchemy import MetaData

metadata = MetaData()
