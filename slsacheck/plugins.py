"""Everything that is registered: built-in rooms, installed plug-ins (entry points, group `slsacheck`), and `-p`.

Nothing is ever loaded because a target names it.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from slsacheck import catalog
from slsacheck.api import Check, Reporter, Source, declared_in
from slsacheck.errors import PlanError, UsageError
from slsacheck.evidence import sources as builtin_sources
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import ModuleType

    from slsacheck.model import Catalogue

__all__ = ["Registry", "load", "reporter_names", "reporter_of"]

GROUP = "slsacheck"


@record(slots=False)
class Registry:
    """What is registered: checks in order, sources by name, the catalogue, the hooks, and the plug-ins' names."""

    checks: tuple[Check, ...]
    sources: Mapping[str, Source]
    reporters: Mapping[str, Reporter]
    catalogue: Catalogue
    hooks: Any
    plugins: tuple[str, ...] = ()
    trusted: frozenset[str] = frozenset()

    def reporter(self, name: str) -> Reporter:
        """The reporter of that name. Raises UsageError with the names that there are."""
        return self.reporters.get(name) or reporter_of(name)


def load(plugins: Sequence[str] = (), trusted: Iterable[str] = ()) -> Registry:
    """Registers the built-in rooms, then installed plug-ins, then those given by `-p` (`no:NAME` leaves one out).

    Raises UsageError for a plug-in that cannot be imported, PlanError for one that does not fit.
    """
    left_out = {name.removeprefix("no:") for name in plugins if name.startswith("no:")}
    given = [name for name in plugins if not name.startswith("no:")]
    found = _room("checks")
    extra = [*_installed(left_out), *((name, _imported(name)) for name in given)]
    hooks = _hooks(extra)
    modules: list[tuple[str, object]] = [("slsacheck", module) for module in (builtin_sources, *found)]
    for name, module in extra:
        modules.append((name, module))
        modules += [(name, further) for further in _further(module)]
    checks, sources, reporters = _sorted(modules)
    catalogue = catalog.load([document for documents in hooks.slsacheck_catalogs() for document in documents])
    registry = Registry(checks, sources, reporters, catalogue, hooks, tuple(name for name, _ in extra))
    return _trusting(registry, frozenset(trusted))


class _NoHooks:
    """Answers every hook as pluggy does while nobody implements it; importing pluggy costs 7 ms, most of it inspect."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("slsacheck_"):
            raise AttributeError(name)
        return lambda **_arguments: []


def _hooks(extra: Sequence[tuple[str, ModuleType]]) -> Any:
    """The hooks of the plug-ins that are given by name."""
    if not extra:
        return _NoHooks()
    import pluggy

    from slsacheck import hookspecs

    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    for name, module in extra:
        manager.register(module, name)
    return manager.hook


def _trusting(registry: Registry, trusted: frozenset[str]) -> Registry:
    if unknown := trusted - set(registry.plugins):
        raise UsageError(f"--trust-plugin {min(unknown)}: no such plug-in is loaded")
    if not trusted:
        return registry
    roots = [root for found in registry.hooks.slsacheck_trust_roots() for root in found]
    return replace(registry, trusted=trusted, catalogue=registry.catalogue.with_trust_roots(roots))


def _sorted(
    modules: Iterable[tuple[str, object]],
) -> tuple[tuple[Check, ...], dict[str, Source], dict[str, Reporter]]:
    checks: dict[str, Check] = {}
    sources: dict[str, Source] = {}
    reporters: dict[str, Reporter] = {}
    for plugin, module in modules:
        for item in declared_in(module):
            if isinstance(item, Check):
                if item.name in checks:
                    raise PlanError(f"two checks are called {item.name}", where=plugin)
                checks[item.name] = replace(item, plugin=plugin)
            elif isinstance(item, Source):
                sources[item.name] = replace(item, plugin=plugin)
            else:
                reporters[item.name] = replace(item, plugin=plugin)
    return tuple(checks.values()), sources, reporters


def _room(name: str) -> list[ModuleType]:
    """The modules of a plug-in room, without those that begin with an underscore, in alphabetical order."""
    return [importlib.import_module(f"slsacheck.{name}.{module}") for module in _names(name)]


def _names(name: str) -> list[str]:
    room = importlib.import_module(f"slsacheck.{name}")
    files = [file for folder in room.__path__ for file in os.listdir(folder)]  # noqa: PTH208 - start-up time
    return sorted(file.removesuffix(".py") for file in files if file.endswith(".py") and not file.startswith("_"))


def reporter_names() -> tuple[str, ...]:
    """The built-in report formats: one module each, none imported."""
    return tuple(_names("reports"))


def reporter_of(name: str) -> Reporter:
    """The built-in reporter of that name; imports its module alone. Raises UsageError with the names that there are."""
    names = reporter_names()
    if name not in names:
        raise UsageError(f"there is no report format {name!r}", advice=f"formats: {', '.join(names)}")
    module = importlib.import_module(f"slsacheck.reports.{name}")
    return next(item for item in declared_in(module) if isinstance(item, Reporter) and item.name == name)


def _installed(left_out: set[str]) -> list[tuple[str, ModuleType]]:
    """Plug-ins of installed distributions: (distribution, module), by the name of the entry point."""
    if not any(_has_entry_points(folder) for folder in sys.path):
        return []
    from importlib.metadata import entry_points

    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    return [
        (entry.dist.name if entry.dist else entry.name, _imported(entry.module))
        for entry in found
        if entry.name not in left_out
    ]


def _has_entry_points(folder: str) -> bool:
    """Whether a distribution in a folder of sys.path has plug-ins of ours.

    importlib.metadata parses every distribution there is, which costs as much as all the rest of a small scan; this
    only looks for the name of the group.
    """
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.path for entry in entries if entry.name.endswith(".dist-info")]
    except OSError:
        return False
    return any(_names_the_group(os.path.join(name, "entry_points.txt")) for name in names)  # noqa: PTH118 - start-up


def _names_the_group(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - start-up time
            return f"[{GROUP}]".encode() in file.read()
    except OSError:
        return False


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        advice = "plug-ins are names of installed modules, as in -p my_company_checks"
        raise UsageError(f"plug-in {name}: {error}", advice=advice) from error


def _further(module: ModuleType) -> list[object]:
    register = getattr(module, "slsacheck_register", None)
    return list(register()) if register is not None else []
