"""What all tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData()
#: A key that counts up; SQLite knows only INTEGER as such.
Id = BigInteger().with_variant(Integer(), "sqlite")
