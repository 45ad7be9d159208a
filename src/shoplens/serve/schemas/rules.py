"""A merchandiser's rule as it comes in over the wire."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from shoplens.serve.schemas.values import FilterText, Line, Number, ProductId, Weight, Wire
from shoplens.types import Action, Rule


def _in_utc(moment: datetime) -> datetime:
    """Take a moment without a zone as UTC; one that no calendar holds there is a ValueError."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC this is before the year 1 or after 9999") from None


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class RulePut(Wire):
    """What a merchandiser wants of some products, for some questions, for some time."""

    action: Action = Field(
        description="pin: at a place; hide: never; boost: higher; bury: lower.", examples=["boost"]
    )
    product_ids: list[ProductId] = Field(
        [], max_length=1000, description="The products meant, or else `filter`."
    )
    filter: FilterText = Field("", description="The products meant.", examples=["brand = Daybird"])
    query: Line = Field(
        "", description="Only for questions that hold all these words; for all if empty."
    )
    position: Annotated[int, Field(ge=1, le=1000), Number] = Field(
        1, description="For pin: which place, from 1."
    )
    factor: Weight = Field(1.5, description="For boost and bury: how much.")
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
