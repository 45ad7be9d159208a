"""JSON becomes a dataclass by the types that it declares: one function for every answer."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from shoplens.errors import ShoplensError

T = TypeVar("T")

_PLAIN: Mapping[Any, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    Decimal: (int, float, str),
    datetime: (str,),
}
"""What JSON holds where a plain type is declared; ``type``, not ``isinstance``: True is no 1."""


def parse(kind: type[T], told: object, at: str = "answer") -> T:
    """Read ``told``, as ``json.loads`` gives it, as a ``kind``.

    Members that ``kind`` does not have are passed over, missing ones take their default.

    Raises:
        ShoplensError: it is something else; says where and what.
    """
    read: T = _read(kind, told, at)
    return read


def _read(kind: Any, told: Any, at: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _object(kind, _of(dict, told, at), at)
    if origin is UnionType:
        (some,) = (one for one in inner if one is not NoneType)
        return None if told is None else _read(some, told, at)
    if origin is tuple:
        listed = enumerate(_of(list, told, at))
        return tuple(_read(inner[0], one, f"{at}[{i}]") for i, one in listed)
    if origin is Mapping:
        pairs = _of(dict, told, at).items()
        return {name: _read(inner[1], one, f"{at}.{name}") for name, one in pairs}
    return _plain(kind, told, at)


def _object(kind: Any, told: Mapping[str, Any], at: str) -> Any:
    read: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in told:
            declared = _hints(kind)[field.name]
            read[field.name] = _read(declared, told[field.name], f"{at}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ShoplensError(f"{at}.{field.name} is missing: is this a shoplens server?")
    return kind(**read)


def _plain(kind: Any, told: Any, at: str) -> Any:
    if type(told) not in _PLAIN[kind]:
        raise _not(kind, told, at)
    try:
        if kind is Decimal:
            return Decimal(str(told))  # by way of its digits: 0.1 stays 0.1
        return datetime.fromisoformat(told) if kind is datetime else kind(told)
    except (ValueError, ArithmeticError) as error:
        raise _not(kind, told, at) from error


def _of(kind: type, told: Any, at: str) -> Any:
    if not isinstance(told, kind):
        raise _not(kind, told, at)
    return told


def _not(kind: type, told: object, at: str) -> ShoplensError:
    return ShoplensError(f"{at} is {repr(told)[:80]}, no {kind.__name__}")


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
