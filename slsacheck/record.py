"""Frozen, slotted records that cost little to define.

`dataclasses.dataclass(frozen=True, slots=True)` takes about 1 ms a class, because it compiles six methods for each; a
scan that defines a hundred would spend most of its start-up budget on that. `record` compiles one method, and only
where many instances are made, and shares the others. What it makes is a dataclass to everybody else:
`dataclasses.replace`, `fields` and `asdict` work on it.
"""

from __future__ import annotations

import sys
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FrozenError", "field", "record", "replace"]

T = TypeVar("T")

_FEW = 12
"""Instances without a compiled method, which costs as much as 25 of them; a class that has a dozen mostly has many."""


class FrozenError(AttributeError):
    """Somebody tried to change a record."""


class _Factory:
    """A default that is made anew for each instance."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], T]) -> T:
    """A default that is made anew for each instance, as with `dataclasses.field`."""
    return _Factory(default_factory)  # type: ignore[return-value]


class _Fields:
    """`__dataclass_fields__`, made when the standard library first asks for it."""

    def __get__(self, _instance: object, owner: type) -> dict[str, Any]:
        import dataclasses

        made = dataclasses.make_dataclass(
            owner.__name__,
            [(name, Any, _described(owner.__record_defaults__, name)) for name in owner.__record_fields__],  # type: ignore[attr-defined]
        )
        found: dict[str, Any] = made.__dataclass_fields__  # type: ignore[attr-defined]
        owner.__dataclass_fields__ = found  # type: ignore[attr-defined]
        return found


def _described(defaults: dict[str, Any], name: str) -> Any:
    import dataclasses

    value = defaults.get(name, dataclasses.MISSING)
    if isinstance(value, _Factory):
        return dataclasses.field(default_factory=value.make)
    # A factory also serves the values that dataclasses refuses as plain defaults.
    return dataclasses.field() if value is dataclasses.MISSING else dataclasses.field(default_factory=lambda: value)


def _frozen(self: object, name: str, *_value: object) -> None:
    raise FrozenError(f"{type(self).__name__}.{name} cannot be changed")


def _values(self: Any) -> tuple[Any, ...]:
    found: tuple[Any, ...] = type(self).__record_values__(self)
    return found


def _reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of these fields; `attrgetter` gives a tuple only for several."""
    return attrgetter(*names) if len(names) > 1 else lambda self: tuple([getattr(self, name) for name in names])


def _repr(self: Any) -> str:
    inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__record_fields__)
    return f"{type(self).__qualname__}({inner})"


def _equal(self: object, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: object) -> int:
    return hash((type(self).__name__, _values(self)))


def _state(self: object) -> tuple[Any, ...]:
    return _values(self)


def _restore(self: Any, state: tuple[Any, ...]) -> None:
    for name, value in zip(self.__record_fields__, state, strict=True):
        object.__setattr__(self, name, value)


_SHARED: dict[str, Any] = {
    "__repr__": _repr,
    "__eq__": _equal,
    "__getstate__": _state,
    "__setstate__": _restore,
    "__dataclass_fields__": _Fields(),
}


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(*, slots: bool = True, frozen: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T] | None = None, /, *, slots: bool = True, frozen: bool = True) -> Any:
    """Makes a class with annotated fields a frozen record.

    With `slots=False` it may hold cached properties; with `frozen=False` its fields may change, and it has no hash.
    """
    if cls is None:
        return lambda found: _made(found, slots=slots, frozen=frozen)
    return _made(cls, slots=slots, frozen=frozen)


def _made(cls: type[T], *, slots: bool, frozen: bool) -> type[T]:
    inherited: dict[str, Any] = {}
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__[1:]):
        names |= dict.fromkeys(getattr(base, "__record_fields__", ()))
        inherited |= getattr(base, "__record_defaults__", {})
    annotations = cls.__dict__.get("__annotations__", {})  # noqa: RUF063 - inspect costs start-up time
    own = [name for name, kind in annotations.items() if "ClassVar" not in str(kind)]
    names |= dict.fromkeys(own)
    space = {key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__")}
    defaults = inherited | {name: space.pop(name) for name in own if name in space}
    space |= {"__init__": _initialise, "__record_calls__": [], "__record_names__": names}
    space["__match_args__"] = space["__record_fields__"] = tuple(names)
    space["__record_defaults__"] = defaults
    space["__record_made__"] = [name for name, value in defaults.items() if type(value) is _Factory]
    space["__record_values__"] = _reader(tuple(names))
    for key, value in _SHARED.items():
        space.setdefault(key, value)
    if frozen:
        space |= {"__setattr__": _frozen, "__delattr__": _frozen}
    if cls.__dict__.get("__hash__") is None:
        space["__hash__"] = _hash if frozen else None
    if slots:
        space["__slots__"] = tuple(own)
    metaclass: Any = type(cls)
    made: type[T] = metaclass(cls.__name__, cls.__bases__, space)
    made.__qualname__ = cls.__qualname__
    made.__record_class__, made.__record_checks__ = made, hasattr(made, "__post_init__")  # type: ignore[attr-defined]
    return made


def _initialise(self: Any, *args: Any, **values: Any) -> None:
    """Stands for `__init__` until a class has `_FEW` instances, which most classes of a run never have."""
    cls = type(self).__record_class__
    cls.__record_calls__.append(None)
    if len(cls.__record_calls__) > _FEW or not _filled(self, cls, args, values):
        cls.__init__ = _initialiser(cls, cls.__record_fields__, cls.__record_defaults__)
        cls.__init__(self, *args, **values)


def _filled(self: Any, cls: Any, args: tuple[Any, ...], values: dict[str, Any]) -> bool:
    """Sets the fields without a compiled method; False where the arguments do not fit, which that method says best."""
    given = dict(zip(cls.__record_fields__, args, strict=False)) | values
    found = cls.__record_defaults__ | given
    if len(given) != len(args) + len(values) or found.keys() != cls.__record_names__.keys():
        return False
    for name in cls.__record_made__:
        if name not in given:
            found[name] = found[name].make()
    any(map(object.__setattr__, repeat(self), found, found.values()))  # the loop over fields in C
    if cls.__record_checks__:
        self.__post_init__()
    return True


def _setter(cls: type, name: str) -> Callable[[Any, Any], None]:
    """What sets a field: its slot itself, which `object.__setattr__` would look for each time."""
    slot = getattr(getattr(cls, name, None), "__set__", None)
    return slot or (lambda self, value: object.__setattr__(self, name, value))


def _initialiser(cls: type, names: tuple[str, ...], defaults: dict[str, Any]) -> Any:
    """Compiles `__init__`, the one method whose parameters differ from class to class."""
    scope: dict[str, Any] = {"_unset": _UNSET} | {f"_set_{name}": _setter(cls, name) for name in names}
    parameters, body = ["self"], []
    for name in names:
        value = defaults.get(name, _UNSET)
        if isinstance(value, _Factory):
            scope[f"_make_{name}"] = value.make
            parameters.append(f"{name}=_unset")
            body.append(f" _set_{name}(self, _make_{name}() if {name} is _unset else {name})")
            continue
        if value is not _UNSET:
            scope[f"_default_{name}"] = value
        parameters.append(name if value is _UNSET else f"{name}=_default_{name}")
        body.append(f" _set_{name}(self, {name})")
    if hasattr(cls, "__post_init__"):
        body.append(" self.__post_init__()")
    source = f"def __init__({', '.join(parameters)}):\n" + "\n".join(body or [" pass"])
    exec(source, scope)  # noqa: S102 - our own field names, as the standard library does it
    made = scope["__init__"]
    made.__module__ = cls.__module__
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


_UNSET: Any = type("Unset", (), {"__slots__": (), "__repr__": lambda _self: "<unset>"})()


def replace(instance: T, /, **changes: Any) -> T:
    """A copy of a record with some fields changed, as `dataclasses.replace`. Raises TypeError for an unknown field."""
    names, values = instance.__record_fields__, _values(instance)  # type: ignore[attr-defined]
    return type(instance)(**{**dict(zip(names, values, strict=True)), **changes})


if sys.version_info >= (3, 13):
    _SHARED["__replace__"] = replace
