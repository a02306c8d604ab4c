"""Where files are changed on their way (signed in place, stripped, packed or built again): provenance of other bytes.

Signatures of an operating system's vendor (Authenticode, Apple's codesign, RPM) are written into the file, and an
archive that is packed again has another digest. An attestation of the file before such a step does not speak of what is
published, although the name is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.names import Names, beside, same_place, touches
from slsacheck.evidence.tree import Problems
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slsacheck.evidence.publications.deeds import Deed, Run
    from slsacheck.evidence.publications.flows import Flows

__all__ = ["Change", "Point", "altered", "alters_by_name", "changes"]

Point = tuple["Run", int]
"""Where files are attested or hashed: a run, and how many of its deeds came before."""

SIDE_BUILDS = frozenset((None, "container-image", "helm-chart", "checksums", "other"))
"""What is built beside files, not over them; without a type it is an index of packages that are there."""
CHANGING = regex(
    r"(code|trusted|artifact|authenticode|windows|macos|apple|exe|file|binar\w*)[-_]?sign|"
    r"sign[-_](windows|macos|exe|binar\w*|files?|code|artifacts?|packages?)|codesign|signing[-_]request|esigner|notariz|"
    r"rpm[-_]sign|sign[-_](rpm|deb|apk|aab|jar)|(run|action|gh)[-_]upx|upx[-_](action|run|gh)|strip[-_]binar"
)
NOT_CHANGING = regex(
    r"cosign|sigstore|gpg|minisign|import|setup|install|cert|verify|check|keychain|docker|image|container|commit|tag"
)
"""Words in an action's name that tell a signature beside the file, or none at all."""


OTHER_LANGUAGE = regex(r"^(?:python|node|ruby|perl|php|deno|julia)")


MAX_PATHS = 1_000
"""Files that the scripts of one job change, as far as they are looked at; the busiest release job seen has 60."""


class Change(NamedTuple):
    """An act that changes what was attested: `certain` unless a program that cannot be read was handed the files."""

    act: Act
    certain: bool


def alters_by_name(name: str) -> bool:
    """Whether an action's name says that it signs files in place."""
    last = name.split("/", 1)[-1]
    return CHANGING.search(last) is not None and NOT_CHANGING.search(last) is None


def changes(deed: Deed) -> tuple[Act, ...]:
    """What a script does, in order, with the files that it changes; nothing for other deeds."""
    if deed.scene is None:
        return ()
    if OTHER_LANGUAGE.match(deed.act.tool):
        from slsacheck.evidence.publications.code import named_in

        paths = named_in(deed.script)
        return (Act(ActKind.ALTER, deed.act.tool, deed.act.at, what=paths, detail=(("may", "yes"),)),) if paths else ()
    known = deed.scene.budget.read
    key = f"changes {id(deed)}"
    if key not in known:
        from slsacheck.evidence.publications.scripts import acts_of_script

        context = replace(deed.scene, watches=True, problems=Problems())
        known[key] = acts_of_script(deed.script, deed.act.at, context, deed.act.tool)
    found: tuple[Act, ...] = known[key]  # type: ignore[assignment]
    return found


def altered(flows: Flows, points: Sequence[Point], producer: Run, publisher: Point, names: Names) -> Change | None:
    """The first act that changes what `producer` made after the points where it is attested, before it is published."""
    before = {one for run, _ in points for one in flows.upstream(run)} - {id(run) for run, _ in points}
    behind = flows.upstream(publisher[0])
    doubtful: Change | None = None
    for run in flows.groups.get(publisher[0].workflow, ()):
        if id(run) not in behind or id(run) in before or id(producer) not in flows.upstream(run):
            continue
        since = max((order for one, order in points if one is run), default=0)
        until = publisher[1] if run is publisher[0] else len(run.deeds)
        here = beside(run, names, publishes=run is publisher[0])
        maker = run not in (producer, publisher[0])  # what it builds counts as a set of its own
        for act, text in _between(run, since, until):
            if not (maker and act.kind is ActKind.BUILD) and touches(act, here, text):
                if not act.fact("may"):
                    return Change(act, certain=True)
                doubtful = doubtful or Change(act, certain=False)
    return doubtful


def _between(run: Run, since: int, until: int) -> Iterator[tuple[Act, str]]:
    """The acts that may change files behind one deed of a run and before another, each with its script.

    More of them than anybody writes are left open in one act that may change anything.
    """
    paths = 0
    for act, text in _each(run, since, until):
        paths += 1 + len(act.what)
        if paths > MAX_PATHS:
            yield replace(act, what=(), detail=(("may", "yes"),)), text
            return
        yield act, text


def _each(run: Run, since: int, until: int) -> Iterator[tuple[Act, str]]:
    for deed in run.deeds:
        if deed.act.kind is ActKind.SCRIPT:
            yield from ((act, deed.script) for act in _of_script(run, deed, since, until))
        elif since <= deed.order < until and not deed.script and _changing(deed.act):
            if since or not deed.act.fact("resets"):  # what earlier jobs made comes later
                yield deed.act, ""
        elif 0 < since <= deed.order < until and deed.act.kind is ActKind.FETCH:
            folders = tuple(f"{path.rstrip('/')}/*" for path in deed.act.what if path.strip("./"))
            if folders:
                yield replace(deed.act, what=folders), ""


def _changing(act: Act) -> bool:
    return act.kind is ActKind.ALTER or (act.kind is ActKind.BUILD and act.type not in SIDE_BUILDS and bool(act.what))


def _of_script(run: Run, deed: Deed, since: int, until: int) -> Iterator[Act]:
    """The changes of one script: behind the attestation or the hashes that stand in it, before the publication."""
    attest = run.deeds[since - 1] if 0 < since <= len(run.deeds) else None
    hashes = attest is deed and deed.order < until
    holds = attest is not None and attest.order > deed.order and attest.script == deed.script and deed.script != ""
    if not (holds or hashes) and not since <= deed.order < until:
        return
    acts = changes(deed)
    last = max((at for at, act in enumerate(acts) if act.kind is ActKind.HASH), default=len(acts)) if hashes else -1
    publish = run.deeds[until].act if until < len(run.deeds) and run.deeds[until].script == deed.script else None
    begun = not holds
    for act in acts[last + 1 :]:
        if publish is not None and act.kind is publish.kind and same_place(act.at, publish.at):
            return
        if attest is not None and act.kind is attest.act.kind and same_place(act.at, attest.act.at):
            begun = True
        elif begun and _changing(act):
            yield act
