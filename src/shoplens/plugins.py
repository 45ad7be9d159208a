"""Find an implementation by name, import only that one."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from shoplens.errors import MissingExtraError, NotFoundError


def load(kind: str, name: str, table: Mapping[str, str]) -> Any:
    """Import ``table[name]``, written ``package.module:attribute``.

    A third party's implementation is named by its own import string instead of a table entry.

    Raises:
        NotFoundError: nothing is called ``name``, or its module does not exist.
        MissingExtraError: the module exists, a package that it needs does not.
    """
    target = table.get(name, name)
    module, _, attribute = target.partition(":")
    if not attribute:
        raise NotFoundError(f"no {kind} called {name!r}; there are {', '.join(sorted(table))}")
    try:
        return getattr(import_module(module), attribute)
    except AttributeError as error:
        raise NotFoundError(f"{kind} module {module!r} has no {attribute!r}") from error
    except ModuleNotFoundError as error:
        if error.name == module:
            raise NotFoundError(f"no {kind} module {module!r}") from error
        raise MissingExtraError(f"{kind} {name!r}", extra=name) from error
