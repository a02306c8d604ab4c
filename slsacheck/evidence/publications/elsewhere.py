"""What decides elsewhere: other organisations' reusable workflows and includes that publish out of sight."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.pipelines import PROGRAM
from slsacheck.evidence.publications.acts import ActKind
from slsacheck.evidence.publications.hints import WORDS
from slsacheck.evidence.publications.images import channel_of_image
from slsacheck.evidence.publications.kinds import label_of
from slsacheck.evidence.publications.mechanisms import mechanism
from slsacheck.evidence.publications.release_systems import release_systems
from slsacheck.model import Claim, PathPart, Place, Production, Publication
from slsacheck.patterns import regex
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slsacheck.evidence.publications.runs import Run
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Pipeline, Reference

__all__ = ["Hidden", "elsewhere", "hidden_publication"]

PUBLISHES = regex(
    r"publish|release|deploy|upload|push|docker|image|container|\bcd\b|[-_]cd\b|cd[-_.]|pypi|npm|maven|gem|crate|goreleaser|ship|package"
)
HARMLESS = regex(
    r"test|propose|kubernetes|k8s|staging|cluster|lint|check|scan|codeql|label|stale|dependabot|dependency|scorecard|zizmor|docs?\b|pages|changelog|draft|notes|"
    r"verify|validate|sync|cleanup|cancel|approve|backport|cherry|merge|semantic-pr|triage|issue|notify|announce|renovate|"
    r"update|upgrade|bump|tag\b|pull-request|\bpr\b|preview|benchmark|e2e|security|govulncheck|audit|format|welcome|milestone|project|"
    r"comment|bot\b|license|reuse|commit|build-and-test"
)
KINDS = (
    (regex(r"docker|image|container|oci\b|ghcr"), "container-image", None),
    (regex(r"pypi|python|wheel"), "python-package", "pypi"),
    (regex(r"npm|node|javascript|typescript"), "npm-package", "npm"),
    (regex(r"maven|java|gradle|jenkins|sonatype|nexus"), "maven-artifact", "maven-central"),
    (regex(r"gem\b|gems\b|ruby"), "ruby-gem", "rubygems"),
    (regex(r"crate|cargo|rust"), "crate", "crates.io"),
    (regex(r"helm|chart"), "helm-chart", None),
    (regex(r"nuget|dotnet"), "nuget-package", "nuget"),
    (regex(r"habitat"), "os-package", "bldr.habitat.sh"),
    (regex(r"snap\b|snapcraft"), "os-package", "snapcraft"),
    (regex(r"\bdeb\b|\brpm\b|\bapt\b"), "os-package", None),
)
PLUGINS = (  # plug-ins that a program may name: type, channel
    (
        regex(r"plugins/(?:docker|ecr|gcr|gar|acr|kaniko|buildx)|drone-docker|drone-kaniko|plugin-(?:docker|kaniko)"),
        "container-image",
        None,
    ),
    (regex(r"(?:plugins/|drone-)github-release"), None, "github-release"),
    (regex(r"(?:plugins/|drone-)gitea-release"), None, "gitea-release"),
    (regex(r"plugins/(?:s3|gcs)\b(?!-cache)"), None, "object-storage"),
    (regex(r"plugins/pypi"), "python-package", "pypi"),
    (regex(r"plugins/npm"), "npm-package", "npm"),
)
REPOSITORY = regex(r"[\"']?\brepo[\"']?\s*[:=]\s*[\"']([\w./-]{3,200})[\"']")
MAX_TEXT = 400_000
"""Characters of a program in which words are looked for; the longest seen has 93,000."""
JENKINS = regex(r"^jenkins-infra/|jenkinsci/")
SWITCH = regex(r"publish|push|upload|release")
OFF = frozenset({"false", "no", "none", "off"})


@record
class Hidden:
    """Something that is published out of sight: what, where to, by what, and who decides."""

    type: str
    channel: str | None
    name: str
    at: tuple[Place, ...]
    external: str
    how: str = "reusable-workflow"
    provenance: str = "unknown"


def hidden_publication(hidden: Hidden, run: Run | None, workflow: str, job: str, system: str) -> Publication:
    """A publication of which only the trace is here: its provenance is unknown, or absent as far as can be seen."""
    jobs = (run.job,) if run is not None else ()
    claims: tuple[Claim, ...] = ()
    if hidden.provenance == "unknown":
        known = mechanism(hidden.how)
        claims = (
            Claim(
                mechanism=known.name,
                root=known.root,
                covers="unknown",
                signed=known.signed,
                at=hidden.at,
                reason="whether provenance is made is decided elsewhere",
                external=(hidden.external,),
            ),
        )
    at = hidden.at if hidden.provenance == "unknown" else ()
    return Publication(
        id=f"publication:{hidden.type}:{hidden.name}@{workflow}#{job}",
        name=hidden.name,
        type=hidden.type,
        channel=hidden.channel,
        at=hidden.at,
        provenance=Production(hidden.provenance, hidden.how if at else "", at),
        signing=Production("unknown"),
        sbom=Production("unknown"),
        claims=claims,
        build_jobs=jobs,
        publish_jobs=jobs,
        path=(PathPart("publish", hidden.external, hidden.at[0] if hidden.at else None, broken="it lies elsewhere"),),
        external=(hidden.external,),
        read="partial",
        platform=system,
    )


def elsewhere(tree: Tree, pipelines: tuple[Pipeline, ...], runs: tuple[Run, ...]) -> list[Publication]:
    """The publications that the configuration hands over to something outside the repository."""
    found = [
        hidden_publication(hidden, run, run.workflow, run.id, run.pipeline.system)
        for run in runs
        if run.foreign is not None and not run.deeds
        for hidden in _of_call(run, run.foreign, runs)
    ]
    for pipeline in pipelines:
        if pipeline.live:
            found += _included(pipeline)
    for pipeline in pipelines:
        if pipeline.option(PROGRAM):
            found += [
                hidden_publication(one, None, pipeline.path, "", pipeline.system) for one in _made(tree, pipeline)
            ]
    found += [
        hidden_publication(hidden, None, hidden.at[0].path or "", "", system)
        for system, hidden in release_systems(tree, pipelines)
    ]
    return list({publication.id: publication for publication in found}.values())


def _made(tree: Tree, pipeline: Pipeline) -> Iterator[Hidden]:
    """What the pipelines publish that a program makes, to judge by the words in it; it is not run."""
    try:
        text = tree.text(pipeline.path)[:MAX_TEXT]
    except SlsacheckError:
        return
    for words, kind, channel in (*PLUGINS, *WORDS):
        match = words.search(text)
        if match is None:
            continue
        name = REPOSITORY.search(text, match.start()) if kind == "container-image" else None
        at = Place(path=pipeline.path, line=text.count("\n", 0, match.start()) + 1)
        type_ = kind or "archive"
        known = channel_of_image(name[1]) if name and channel is None else channel
        external = f"{pipeline.path} makes the pipelines when it runs"
        yield Hidden(type_, known, name[1] if name else label_of(type_), (at,), external, provenance="no")


def _of_call(run: Run, uses: Reference, runs: tuple[Run, ...]) -> list[Hidden]:
    """What another organisation's workflow publishes: what it is called for, and the images whose digests it tells."""
    called = _called(run, uses)
    images = _told(run, uses, runs)
    if called is None or (images and called.type == "container-image"):
        return images
    return [called, *images]


def _told(run: Run, uses: Reference, runs: tuple[Run, ...]) -> list[Hidden]:
    """The images that other jobs attest by a digest which the called workflow tells."""
    outputs = regex(rf"\bneeds\.{re.escape(run.job.id)}\.outputs\b")
    acts = [
        deed.act
        for one in runs
        if one.workflow == run.workflow
        for deed in one.of(ActKind.ATTEST)
        if deed.act.name and deed.act.fact("subject") == "digest" and outputs.search(" ".join(deed.act.what))
    ]
    found = []
    for act in acts:
        name = act.name or ""
        elsewhere_too = any((one.name or "").endswith(f"/{name}") for one in acts)  # so it begins with no registry
        channel = "docker.io" if elsewhere_too else channel_of_image(name)
        found.append(Hidden("container-image", channel, name, (uses.at, act.at), uses.raw))
    return found


def _called(run: Run, uses: Reference) -> Hidden | None:
    if uses.kind not in ("reusable-workflow", "downstream-pipeline"):
        return None
    file = uses.path.rpartition("/")[2].lower() or uses.name.lower()
    words = f"{file} {run.job.id} {run.job.name}".lower()
    if uses.kind == "downstream-pipeline":
        file = words
    events = {trigger.event for trigger in run.top.triggers}
    if HARMLESS.search(file) or not PUBLISHES.search(words) or events <= {"pull_request", "merge_group"}:
        return None
    if any(SWITCH.search(item.name.lower()) and item.value.strip().lower() in OFF for item in run.job.inputs):
        return None
    if not _entrusted(run):
        return None
    context = f"{words} {uses.name.lower()} " + " ".join(item.name.lower() for item in run.job.inputs)
    kind, channel = _kind(context, run)
    if JENKINS.search(uses.name.lower()):
        kind, channel = "maven-artifact", "repo.jenkins-ci.org"
    name = _name(run) or label_of(kind) if kind != "container-image" else _name(run) or run.job.id
    return Hidden(kind, channel, name, (uses.at, run.job.at), uses.raw)


def _entrusted(run: Run) -> bool:
    """Whether the job hands over what publishing needs: a token that may write, or secrets."""
    job = run.job
    chosen = run.pipeline.permissions_of(job)
    writes = any(
        access == "write" and scope in ("*", "contents", "packages", "id-token") for scope, access in chosen.scopes
    )
    return writes or job.inherits_secrets or bool(job.secrets) or not chosen.declared


def _kind(words: str, run: Run) -> tuple[str, str | None]:
    for pattern, kind, channel in KINDS:
        if pattern.search(words):
            return kind, channel or (_registry(run) if kind in ("container-image", "helm-chart") else None)
    return "archive", "github-release" if run.pipeline.system == "github-actions" else None


def _registry(run: Run) -> str | None:
    given = " ".join(item.value for item in (*run.job.inputs, *run.job.secrets))
    if (
        match := re.search(
            r"\b((?:[\w-]+\.)*(?:ghcr\.io|docker\.io|quay\.io|gcr\.io|pkg\.dev|azurecr\.io|amazonaws\.com))\b", given
        )
    ) is not None:
        return match[1]
    if re.search(r"docker_?hub|DOCKERHUB", given, re.IGNORECASE):
        return "docker.io"
    return "ghcr.io" if run.job.permissions.access("packages") == "write" else None


def _name(run: Run) -> str:
    wanted = ("image", "image_name", "image-name", "images", "package", "package-name", "name")
    values = {item.name.lower(): item.value for item in run.job.inputs}
    return next((values[name] for name in wanted if values.get(name) and "\n" not in values[name]), "")


def _included(pipeline: Pipeline) -> list[Publication]:
    """Templates and components from elsewhere whose name says that they release something."""
    found = []
    for reference in pipeline.includes:
        last = (reference.path or reference.name).rstrip("/").rpartition("/")[2].lower()
        if not reference.kind.startswith(("include-", "orb", "template")) or reference.kind == "include-local":
            continue
        if HARMLESS.search(last) or not re.search(r"publish|release|deploy|docker-build|goreleaser", last):
            continue
        kind = next((kind for pattern, kind, _ in KINDS if pattern.search(last)), "archive")
        hidden = Hidden(kind, None, label_of(kind), (reference.at,), reference.raw, provenance="unknown")
        found.append(hidden_publication(hidden, None, pipeline.path, last, pipeline.system))
    return found
