"""Which page of a list is wanted."""

from pydantic import Field

from shoplens.serve.schemas.values import Page, Wire


class Listing(Wire):
    """A page of a list."""

    limit: Page = Field(50, description="How many.")
    after: int = Field(0, ge=0, le=2**63 - 1, description="`next` of the page before.")


class Last(Wire):
    """The newest of a list."""

    limit: Page = Field(50, description="How many.")
