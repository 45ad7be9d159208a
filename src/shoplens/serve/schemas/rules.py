"""A merchandiser's rule as it comes in over the wire."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from shoplens.serve.schemas.values import MAX_FILTER, Line, ProductId, Wire
from shoplens.types import Action, Rule


def _in_utc(moment: datetime) -> datetime:
    """Take a moment without a zone as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class RulePut(Wire):
    """What a merchandiser wants of some products, for some questions, for some time."""

    action: Action = Field(
        description="pin: at a place; hide: never; boost: higher; bury: lower.", examples=["boost"]
    )
    product_ids: list[ProductId] = Field(
        [], max_length=1000, description="The products meant, or else `filter`."
    )
    filter: str = Field(
        "", max_length=MAX_FILTER, description="The products meant.", examples=["brand = Daybird"]
    )
    query: Line = Field(
        "", description="Only for questions that hold all these words; for all if empty."
    )
    position: int = Field(1, ge=1, le=1000, description="For pin: which place, from 1.")
    factor: float = Field(
        1.5, gt=0, le=100, allow_inf_nan=False, description="For boost and bury: how much."
    )
    starts: Moment | None = Field(None, description="From when on; UTC if no zone is given.")
    ends: Moment | None = Field(None, description="Until when.")
    note: Line = Field("", description="For people: why.")

    def rule(self, rule_id: str) -> Rule:
        """Make the noun of it."""
        return Rule(
            rule_id=rule_id,
            action=self.action,
            product_ids=tuple(self.product_ids),
            filter=self.filter,
            query=self.query,
            position=self.position,
            factor=self.factor,
            starts=self.starts,
            ends=self.ends,
            note=self.note,
        )
