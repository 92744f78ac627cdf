"""What all tables of the store have in common: how constraints are called, and the columns that many have."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SHA256 = String(64)


def of_call(*, primary_key: bool = False) -> Column[int]:
    reference = ForeignKey("calls.id", ondelete="CASCADE")
    return Column("call_id", Integer, reference, primary_key=primary_key, nullable=False)
