"""Everything this package raises on purpose.

    ShoplensError
    ├── ConfigError              a setting is missing or makes no sense
    │   └── MissingExtraError    the setting is fine, an optional package is not installed
    ├── FeedError                the feed cannot be read at all (one bad row is a Rejection)
    ├── ImageError               bytes that are not a usable picture
    ├── QueryError               a query or filter that cannot be understood; says where
    ├── NotFoundError            no such product, image, encoder, store or job
    ├── MismatchError            two things that must agree do not: dimension, encoder, schema
    ├── BusyError                another process owns the data folder, or an address is taken
    └── StorageError             the disk or the database refused a write

None of them knows about HTTP: ``serve.app`` holds the one table from error to status.
"""


class ShoplensError(Exception):
    """Base of every error raised on purpose; catching it catches nothing else."""


class ConfigError(ShoplensError):
    """A setting is missing or makes no sense."""


class MissingExtraError(ConfigError):
    """The setting is fine, an optional package is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional package: pip install 'shoplens[{extra}]'")


class FeedError(ShoplensError):
    """The feed cannot be read at all; one bad row is a Rejection, not an error."""


class ImageError(ShoplensError):
    """Bytes that are not a usable picture."""


class QueryError(ShoplensError):
    """A query or filter that cannot be understood; ``position`` counts characters from 0."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class NotFoundError(ShoplensError):
    """No such product, image, encoder, store or job."""


class MismatchError(ShoplensError):
    """Two things that must agree do not: dimension, encoder, schema."""


class BusyError(ShoplensError):
    """Another process owns the data folder, or an address is taken."""


class StorageError(ShoplensError):
    """The disk or the database refused a write; what was acknowledged before is safe."""
