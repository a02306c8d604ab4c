"""What one run of pytest shares: imported when the plug-in is first used, so it may import the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck import config as configuration
from slsacheck import plugins
from slsacheck.assessing import Request, assess, bench_of
from slsacheck.config.targets import target_of, told_apart
from slsacheck.engine import plan
from slsacheck.errors import ConfigError
from slsacheck.evidence.targets import open_target
from slsacheck.record import replace
from slsacheck.select import marks_of

if TYPE_CHECKING:
    import pytest

    from slsacheck.engine import Bench, Plan
    from slsacheck.model import Assessment, Target
    from slsacheck.plugins import Registry

__all__ = ["Host"]


class Host:
    """What one run of pytest shares: request, registry, plan, and a bench for each target."""

    def __init__(self, config: pytest.Config) -> None:
        self.request, self.registry = _request(config, plugins.load())
        self.plan: Plan = plan(
            self.registry.checks, self.registry.sources, self.registry.catalogue, self.request.spec, self.request.tracks
        )
        self._benches: dict[str, Bench] = {}
        self._assessment: Assessment | None = None

    def bench(self, target: Target) -> Bench:
        """The bench of a target, made once."""
        if target.name not in self._benches:
            self._benches[target.name] = bench_of(target, self.request, self.registry)
        return self._benches[target.name]

    def assessment(self) -> Assessment:
        """The assessment of all targets, made once."""
        if self._assessment is None:
            self._assessment = assess(self.request, self.registry)
        return self._assessment

    def marks(self) -> tuple[str, ...]:
        """Every mark that a check of the plan can have."""
        found = {"network", "experimental"}
        for check in self.registry.checks:
            rows = tuple(row for atom in check.atoms if (row := self.registry.catalogue.requirement(atom)) is not None)
            found |= marks_of(check, rows, self.request.spec)
        return tuple(sorted(found))


def _request(config: pytest.Config, registry: Registry) -> tuple[Request, Registry]:
    """The request that the options make. Raises UsageError or ConfigError."""
    targets = told_apart(target_of(text) for text in config.getoption("slsacheck_target") or [str(config.rootpath)])
    folders = [target.path for target in targets if target.kind == "repository" and target.path]
    name = config.getoption("slsacheck_config")
    settings = configuration.load(name, folders[0] if folders else ".") if name else configuration.Config()
    for folder in folders:
        settings = configuration.merge(settings, configuration.discover(folder))
    for problem in settings.problems:
        raise ConfigError(problem.reason, where=problem.where, advice=problem.advice)
    registry = _in_force(registry, settings)
    told = configuration.checked_names(settings, registry.catalogue)
    online = bool(config.getoption("slsacheck_online"))
    request = Request(
        targets=targets,
        open=open_target,
        spec=config.getoption("slsacheck_spec") or settings.spec or "v1.2",
        tracks=settings.tracks,
        config=settings,
        online=online,
        require=(*settings.require, *settings.found_require),
        accept=settings.accept,
        waivers=settings.waivers,
        problems=told,
    )
    return request, registry


def _in_force(registry: Registry, settings: configuration.Config) -> Registry:
    """The registry with the trust roots in force."""
    return replace(registry, catalogue=configuration.in_force(settings, registry.catalogue))
