"""What a configuration says, as frozen values, and how two of them come together."""

from __future__ import annotations

from slsacheck.model import Expectations, Problem, TrustRoot, Waiver
from slsacheck.record import record, replace

__all__ = ["MAX_CONFIG", "Config", "Declaration", "Distrust", "Expected", "matches", "merge", "overlaid"]


MAX_CONFIG = 128 * 1024
"""Bytes of a configuration file; 500 waivers fit, and the worst that was found to feed the parser takes 1 s."""


@record
class Expected:
    """Expectations for what a pattern names; `kind` is publication, package or artifact, `*` stands for anything."""

    kind: str
    pattern: str
    values: Expectations


@record
class Distrust:
    """A trust root that counts up to `level` at most; 0: not at all."""

    id: str
    level: int = 0


@record
class Declaration:
    """Somebody's word for an atom (or all atoms of a requirement) of the subjects that a pattern names.

    It gives DECLARED results and never more. `date` is an ISO date, `place` the line of the file that says it.
    """

    atom: str
    subject: str
    reason: str
    by: str
    date: str
    path: str = ""
    line: int | None = None


@record
class Config:
    """All settings of one run; None and empty where nothing was said.

    `origin` names the files. `found_require` are demands of files that were merely found, `problems` faults of them
    (exit status 4), `ignored` the settings of them that do not count because `--config` did not name them. `notes`
    are worth telling and nothing more.
    """

    origin: tuple[str, ...] = ()
    spec: str | None = None
    tracks: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    found_require: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    strict: bool = False
    expectations: Expectations = Expectations()
    expected: tuple[Expected, ...] = ()
    trust_roots: tuple[TrustRoot, ...] = ()
    distrust: tuple[Distrust, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    reports: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()

    def expectations_of(
        self, *, publication: str | None = None, package: str | None = None, artifact: str | None = None
    ) -> Expectations:
        """What is expected of one artifact: the general expectations, then each pattern that fits, in file order."""
        names = {"publication": publication, "package": package, "artifact": artifact}
        found = self.expectations
        for entry in self.expected:
            name = names[entry.kind]
            if name is not None and matches(entry.pattern, name):
                found = overlaid(found, entry.values)
        return found


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern in which only `*` is special: subject ids hold every other character.

    A name may come from a hostile target, so this looks for one piece after the other and never goes back.
    """
    first, *pieces = pattern.split("*")
    if not pieces:
        return pattern == name
    *inner, last = pieces
    if not name.startswith(first):
        return False
    at = len(first)
    for piece in inner:
        found = name.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return name.endswith(last) and len(name) - len(last) >= at


def overlaid(below: Expectations, above: Expectations) -> Expectations:
    """Both together; what `above` says wins."""
    own = {name: getattr(above, name) for name in Expectations.__match_args__}
    return replace(below, **{name: value for name, value in own.items() if value not in (None, ())})


def merge(named: Config, found: Config) -> Config:
    """The configuration that `--config` named with what was found in the target, which can only ask for more.

    Of `found` its demands are added, its strictness and its distrust; the lower cap of a trust root wins.
    """
    caps: dict[str, int] = {}
    for entry in (*named.distrust, *found.distrust):
        caps[entry.id] = min(entry.level, caps.get(entry.id, entry.level))
    return replace(
        named,
        origin=tuple(dict.fromkeys((*named.origin, *found.origin))),
        found_require=tuple(dict.fromkeys((*named.found_require, *found.require))),
        strict=named.strict or found.strict,
        distrust=tuple(Distrust(name, level) for name, level in caps.items()),
        problems=(*named.problems, *found.problems),
        ignored=tuple(dict.fromkeys((*named.ignored, *found.ignored))),
    )
