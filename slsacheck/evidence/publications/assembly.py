"""From acts to publications: what one job publishes to one channel in one way, with the provenance that it gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.builders import stored
from slsacheck.evidence.publications.claims import claims_of, made_of
from slsacheck.evidence.publications.coverage import Coverage
from slsacheck.evidence.publications.expressions import ASIDE
from slsacheck.evidence.publications.flows import pattern
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.kinds import SIDE_TYPES, label_of
from slsacheck.evidence.publications.parts import Part, parts_of
from slsacheck.evidence.publications.surroundings import caches_at, parameters_at, path_of, sboms, scripted_at, signings
from slsacheck.model import Place, Publication
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.flows import Flows
    from slsacheck.evidence.publications.runs import Deed, Run
    from slsacheck.model import ImageBuild

__all__ = ["MAX_PUBLICATIONS", "assemble"]

MAX_PUBLICATIONS = 2_000
"""Publications of one target; the largest real repository seen has 60."""

_PUSHED = ("container-image", "other")
SCRATCH = regex(
    r"^local/|^(localhost|127\.0\.0\.1|0\.0\.0\.0|kind\.local|ko\.local|registry\.local|ttl\.sh)\b|\be2e\b|[-_]testing\b|\btest-registry\b"
)
"""Images and registries of tests: nobody else is served from them."""
TRIALS = ("testpypi",)
"""Indexes for trying out how publishing works; nobody is served from them."""
FORGES = ("github.com", "gitlab.com")
"""Hosts of Go import paths, which tools take for the name of an image where no registry is known."""
TESTS = regex(r"(?<!la)test|e2e|smoke", re.IGNORECASE)
"""Names of workflows and scripts that publish to nowhere in particular when they publish."""
HOST = regex(r"https://([\w-]+(?:\.[\w-]+)+)/")
OTHER_HOST = regex(r"github|amazonaws|googleapis|blob\.core|example\.|slack|sigstore|npmjs|pypi|discord|schema")


def assemble(flows: Flows) -> tuple[Publication, ...]:
    """All publications of the runs."""
    coverage = Coverage(flows)
    sets: dict[tuple[object, ...], list[Part]] = {}
    indexed = {
        image_name(deed.act.name or "")
        for run in flows.runs
        for deed in run.of(ActKind.PUBLISH)
        if deed.act.type == "container-image" and deed.act.fact("index")
    }
    attested = {
        image_name(deed.act.name or "")
        for run in flows.runs
        for deed in run.of(ActKind.PUBLISH)
        if deed.act.fact("by-digest") and deed.act.provenance == "yes"
    }
    filled = any(deed.act.fact("bucket") for run in flows.runs for deed in run.of(ActKind.PUBLISH))
    scripts = {deed.script for run in flows.runs for deed in run.deeds} if filled else set()
    hosts = _hosts("\n".join(scripts))
    for run in sorted(flows.runs, key=_rank):
        for deed in _publishing(run):
            if deed.act.fact("by-digest") and image_name(deed.act.name or "") in indexed:
                continue  # a part of the index, without a tag of its own
            for part in parts_of(run, _settled(stored(_indexing(deed, attested), run), run, hosts), coverage):
                sets.setdefault(_key(part), []).append(part)
    taken: dict[str, int] = {}
    found = [_publication(parts, flows, taken) for parts in list(sets.values())[:MAX_PUBLICATIONS]]
    bare = any(one.type in _PUSHED and not one.claims and one.channel for one in found)
    return tuple(one for one in found if not (bare and _pointless(one)))


def _pointless(publication: Publication) -> bool:
    """Whether nothing is known of an image but that it is pushed, beside others without provenance that have names."""
    nameless = pattern(publication.name).strip("*./:-@") == ""
    return publication.type in _PUSHED and publication.channel is None and nameless and not publication.claims


def _indexing(deed: Deed, attested: set[str]) -> Deed:
    """An index of images that BuildKit pushed with attestations holds these too."""
    act = deed.act
    plain = act.fact("plain")  # `docker manifest` takes no images with attestations in
    if not act.fact("index") or plain or act.root or image_name(act.name or "") not in attested:
        return deed
    return replace(deed, act=replace(act, root="buildkit", provenance="yes"))


def _rank(run: Run) -> int:
    """Releases first, then what is started by hand, pushed, and the rest (nightly builds, pull requests)."""
    events = {trigger.event for trigger in run.top.triggers}
    if "release" in events or any(trigger.tags for trigger in run.top.triggers):
        return 0
    ranks = {"workflow_dispatch": 1, "push": 2}
    return min((ranks.get(event, 3) for event in events), default=3) if "schedule" not in events else 3


def _publishing(run: Run) -> list[Deed]:
    """What a run publishes; copies of its images under names that only a run can tell are left out, tests too."""
    deeds = [
        deed
        for deed in run.of(ActKind.PUBLISH)
        if deed.act.channel not in TRIALS
        and not any(SCRATCH.search(text or "") for text in (_foreign_name(run, deed.act), deed.act.channel))
        and not (deed.act.channel is None and deed.act.type != "ci-component" and _tried(run, deed.act))
    ]
    named = [deed for deed in deeds if deed.act.type == "container-image" and not _nameless(deed.act)]
    if not named:
        return deeds
    return [deed for deed in deeds if deed.act.type != "container-image" or not _nameless(deed.act)]


def _foreign_name(run: Run, act: Act) -> str | None:
    """The name without its end where that is the repository's own: a tool may be called as what it is for."""
    own = "".join(run.values.get(f"{ASIDE}github.repository", ())).rpartition("/")[2]
    folder, _, last = image_name(act.name or "").rpartition("/")
    return folder if own and last == own else act.name


def _tried(run: Run, act: Act) -> bool:
    """Whether the workflow or the script is called as tests are."""
    return any(TESTS.search((path or "").rpartition("/")[2]) for path in (run.workflow, act.at.path))


def _hosts(script: str) -> set[str]:
    """The public addresses that a script which fills a bucket names."""
    return {host for host in HOST.findall(script) if not OTHER_HOST.search(host)}


def _nameless(act: Act) -> bool:
    return act.channel is None and pattern(act.name or "").strip("*./:-@") == ""


def _settled(deed: Deed, run: Run, hosts: set[str]) -> Deed:
    """The deed with the registry that was logged in to, or a bucket's public host, where its own name does not tell.

    `hosts` are those that any script names; a bucket is often called as its host, with dashes for the dots.
    """
    act = deed.act
    if act.fact("bucket"):
        own = _hosts(deed.script) if act.channel == "object-storage" else ()
        alike = [host for host in sorted(hosts) if act.channel in (host, host.replace(".", "-"))]
        known = [*own] if len(own) == 1 else alike
        return replace(deed, act=replace(act, channel=known[0])) if known else deed
    if act.type not in ("container-image", "helm-chart") or act.channel not in (None, *FORGES):
        return deed
    channel = channel_of_image(act.name, run.logins) if act.name and act.channel is None else None
    logins = tuple(dict.fromkeys(run.logins))
    if channel is None and logins:
        channel = logins[0] if len(logins) == 1 else None
    if channel is None and run.job.permissions.access("packages") == "write":
        channel = "ghcr.io"
    return replace(deed, act=replace(act, channel=channel))


def _key(part: Part) -> tuple[object, ...]:
    act = part.deed.act
    image = act.name if act.type in ("container-image", "helm-chart") else ""
    covered = part.covered
    side = part.type if part.type in SIDE_TYPES else "installer" if part.type == "installer" else ""
    own = act.provenance if act.root else ""
    return (
        part.run.workflow,
        id(part.run),
        act.channel,
        act.type or "files",
        image,
        (act.fact("index") or "") if covered or own else "",  # one image with its platforms where neither has anything
        covered,
        side,
        own,
        tuple(sorted(one.id for one in part.makers)) if covered else (),
    )


def _publication(parts: list[Part], flows: Flows, taken: dict[str, int]) -> Publication:
    first = parts[0]
    run, act = first.run, first.deed.act
    kind = first.type
    name = act.name or label_of(kind)
    makers = list({id(one): one for part in parts for one in part.makers}.values())
    claims = claims_of(parts, makers)
    made = made_of(claims, parts)
    external = tuple(dict.fromkeys(text for part in parts for text in part.deed.act.external))
    external = tuple(dict.fromkeys((*external, *(text for claim in claims for text in claim.external))))
    unread = tuple(dict.fromkeys(text for one in (run, *makers) for text in one.unread))
    guessed = any(part.deed.act.fact("guessed") for part in parts)
    return Publication(
        id=_unique(f"publication:{kind}:{name}@{run.workflow}#{run.id}", taken),
        name=name,
        type=kind,
        channel=act.channel,
        at=_places(parts),
        provenance=made,
        signing=signings(parts, makers, flows),
        sbom=sboms(parts, makers, flows),
        claims=claims,
        build_jobs=tuple(dict.fromkeys(one.job for one in makers)),
        publish_jobs=(run.job,),
        path=path_of(parts, makers, claims),
        external=external,
        read="partial" if unread or guessed else "full",
        scripted="yes",
        scripted_at=scripted_at(makers),
        parameters_at=parameters_at(run),
        caches_at=caches_at(makers),
        platform=run.pipeline.system,
        image_builds=_image_builds(parts, makers),
    )


def _image_builds(parts: list[Part], makers: list[Run]) -> tuple[ImageBuild, ...]:
    if parts[0].type != "container-image":
        return ()
    from slsacheck.evidence.publications.imagebuilds import image_builds

    return image_builds(parts, makers)


def _unique(name: str, taken: dict[str, int]) -> str:
    """Ids tell publications apart; a second set of the same name gets a number."""
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name}~{taken[name]}"


def _places(parts: list[Part]) -> tuple[Place, ...]:
    found: dict[tuple[str | None, int | None], Place] = {}
    for part in parts:
        lines = (part.deed.act.fact("input-line"), part.deed.act.fact("uses-line"))
        extra = tuple(replace(part.deed.act.at, line=int(line), column=None) for line in lines if line)
        for place in (part.deed.act.at, *extra, *part.deed.via):
            found.setdefault((place.path, place.line), place)
    return tuple(found.values())
