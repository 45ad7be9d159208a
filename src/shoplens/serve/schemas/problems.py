"""What goes out when something is wrong."""

from pydantic import BaseModel, ConfigDict, Field

from shoplens.serve.schemas.values import Wire


class Mistake(Wire):
    """One thing wrong in what was sent."""

    at: str
    reason: str


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    position: int | None = Field(
        None, description="Where in the filter, counting characters from 0."
    )
    errors: list[Mistake] = Field([], description="Each thing that cannot be used.")
    instance: str | None = Field(None, description="How the server's log calls this occurrence.")
