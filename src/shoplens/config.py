"""Settings: a flag beats the environment beats ``shoplens.toml`` beats the default here.

Read once, at a door, then handed down; nothing below a door reads a setting by itself.
Environment variables are written ``SHOPLENS_DATA``, ``SHOPLENS_SEARCH__K``.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError

from shoplens.errors import ConfigError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageSettings(_Section):
    """Where images may come from, and how large they may be."""

    allowed_hosts: tuple[str, ...] = Field(
        (), description="Hosts that image URLs may point to; '*.example.com' too; '*' for any."
    )
    max_bytes: int = Field(20_000_000, gt=0, description="Largest image file, bytes.")
    max_pixels: int = Field(60_000_000, gt=0, description="Largest decoded picture, pixels.")
    timeout_s: float = Field(20.0, gt=0, description="Longest time for one download, seconds.")
    attempts: int = Field(3, ge=1, le=10, description="Tries for one download.")
    connections: int = Field(8, ge=1, le=64, description="Downloads at the same time.")
    per_host: int = Field(4, ge=1, le=64, description="Downloads at the same time from one host.")
    thumbnail_px: int = Field(320, ge=32, le=1024, description="Longest side of a thumbnail.")


class InferenceSettings(_Section):
    """How networks run."""

    providers: tuple[str, ...] = Field(
        ("auto",),
        min_length=1,
        description="What runs networks, in order: cpu, cuda, openvino, coreml; auto: the best.",
    )
    memory_mb: int = Field(
        0, ge=0, description="Most memory for one model, megabytes; 0: no ceiling."
    )
    batch: int = Field(
        8, ge=1, le=256, description="Queries at the same time that run through a network together."
    )
    batch_wait_ms: float = Field(
        0.0, ge=0, le=100, description="Longest time that a query waits for company, milliseconds."
    )
    remembered: int = Field(
        2048, ge=0, description="Query embeddings kept in memory, so that asked again is at once."
    )


class IndexSettings(_Section):
    """How a catalogue is indexed."""

    threads: int = Field(
        default_factory=lambda: (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else (os.cpu_count() or 1)
        ),
        ge=1,
        description="Threads that decode and encode; the default is one a core.",
    )
    batch: int = Field(128, ge=1, le=4096, description="Products acknowledged together.")
    max_images: int = Field(
        16, ge=1, le=256, description="Images indexed per product; the rest is reported."
    )


class SearchSettings(_Section):
    """What a search answers when the visitor does not say."""

    k: int = Field(12, ge=1, description="Distinct products in an answer.")
    max_k: int = Field(1000, ge=1, description="Most products one answer may hold.")
    max_text: int = Field(2000, ge=1, description="Longest query text, characters.")
    crops: bool = Field(
        default=True, description="Average a query photo over several crops (better, slower)."
    )
    fusion: Literal["sum", "rank"] = Field(
        "sum", description="Signals become one score by weighted sum, or by their ranks."
    )
    reach: int = Field(
        500,
        ge=32,
        le=10_000,
        description="Nearest products that an answer reaches: counted, faceted, sorted, paged.",
    )
    synonyms: tuple[str, ...] = Field(
        ("en", "zh"), description="Files of words that mean the same; en and zh come with Shoplens."
    )
    pinyin: bool = Field(
        default=False, description="Suggest Chinese for pinyin too; needs the extra 'pinyin'."
    )


class RankSettings(_Section):
    """What lifts a product besides likeness, in shares of a score that goes from 0 to 1."""

    stock: float = Field(
        0.005, ge=0, le=1, description="What being in stock gives to a score, or takes from it."
    )
    popularity: float = Field(
        0.005,
        ge=0,
        le=1,
        description="The most that popularity gives to a score, or takes from it.",
    )
    freshness: float = Field(
        0.0, ge=0, le=1, description="The most that being new gives to a score, or takes from it."
    )
    freshness_half_life_days: float = Field(
        30.0, gt=0, description="Age at which being new neither gives nor takes, days."
    )


class PrivacySettings(_Section):
    """What of visitors is kept, and for how long."""

    query_image_minutes: float = Field(
        10.0,
        ge=0,
        le=1440,
        description="Minutes for which query pictures are remembered, in memory only; 0: not.",
    )
    query_image_mb: int = Field(
        64, ge=1, description="Most memory for remembered query pictures, megabytes."
    )


class ServeSettings(_Section):
    """The HTTP door."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    api_key: str = Field("", description="Key for everything; needed for a public address.")
    search_key: str = Field("", description="Key that may search but not change anything.")
    allowed_origins: tuple[str, ...] = Field(
        (), description="Other sites whose pages may search from a browser: 'https://shop.example'."
    )
    max_upload_bytes: int = Field(20_000_000, gt=0, description="Largest request body, bytes.")
    examples: Path | None = Field(
        None, description="Folder of photos that the search page offers to try, at most twelve."
    )


class LlmSettings(_Section):
    """A language model that sees pictures, for ``shoplens describe`` alone."""

    url: str = Field(
        "", description="An OpenAI-compatible server, up to /v1: 'http://127.0.0.1:11434/v1'."
    )
    model: str = Field("", description="The model to ask, as that server calls it.")
    api_key: SecretStr = Field(SecretStr(""), description="Key for that server; never shown.")
    allow_remote: bool = Field(
        default=False, description="Pictures may be sent to another machine than this one."
    )
    timeout_s: float = Field(120.0, gt=0, description="Longest time for one answer, seconds.")
    attempts: int = Field(4, ge=1, le=10, description="Tries for one answer.")
    connections: int = Field(2, ge=1, le=64, description="Questions at the same time.")
    max_tokens: int = Field(1000, ge=16, description="Longest answer, tokens, thinking included.")
    reasoning: str = Field(
        "", description="How hard a thinking model thinks: none, low; empty: as the server does."
    )
    budget_tokens: int = Field(0, ge=0, description="Most tokens one run may spend; 0: no limit.")
    price_in: float = Field(0.0, ge=0, description="Price of a million tokens of questions.")
    price_out: float = Field(0.0, ge=0, description="Price of a million tokens of answers.")
    image_px: int = Field(
        768, ge=64, le=4096, description="Longest side of the pictures that are sent."
    )


class Settings(BaseSettings):
    """Everything that can be set, with its default."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix="SHOPLENS_",
        env_nested_delimiter="__",
        toml_file="shoplens.toml",
    )

    data: Path = Field(Path("shoplens-data"), description="Folder that keeps everything.")
    database: str = Field(
        "", description="Database URL; empty: SQLite in the data folder. postgresql+psycopg://…"
    )
    encoder: str = Field(
        "lite2", description="Encoder: lite2, lite0 (faster), colour, one that was added, a plugin."
    )
    store: str = Field("edge", description="Vector store: edge, exact (brute force), a plugin.")
    images: ImageSettings = ImageSettings.model_validate({})
    inference: InferenceSettings = InferenceSettings.model_validate({})
    index: IndexSettings = Field(default_factory=lambda: IndexSettings.model_validate({}))
    search: SearchSettings = SearchSettings.model_validate({})
    rank: RankSettings = RankSettings.model_validate({})
    privacy: PrivacySettings = PrivacySettings.model_validate({})
    serve: ServeSettings = ServeSettings.model_validate({})
    llm: LlmSettings = LlmSettings.model_validate({})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flag, environment, file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def database_url(self) -> str:
        """The database, SQLite in the data folder unless another was named."""
        return self.database or f"sqlite:///{(self.data / 'catalogue.db').absolute()}"


def read_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings once; ``flags`` are nested mappings, values that are None left out.

    Raises:
        ConfigError: a setting is unknown or out of range; the message names each.
    """
    try:
        return Settings(**_given(flags or {}))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise ConfigError("these settings make no sense:\n" + "\n".join(lines)) from error
    except (SettingsError, ValueError, OSError) as error:
        raise ConfigError(f"the settings cannot be read: {error}") from error


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was not given, so that the next source decides."""
    given: dict[str, Any] = {}
    for name, value in flags.items():
        kept = _given(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else value
        if kept is not None and kept != {}:
            given[name] = kept
    return given
