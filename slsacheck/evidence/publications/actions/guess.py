"""Actions that nobody described: what their name says about publishing. A guess makes the path *partly read*."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.actions.containers import image_acts
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.alterations import alters_by_name
from slsacheck.evidence.publications.code import given_to
from slsacheck.patterns import regex
from slsacheck.record import replace

if TYPE_CHECKING:
    from slsacheck.evidence.publications.actions.call import Call

__all__ = ["guessed"]

NAMES = (  # words in an action's name: type, channel
    (regex(r"pypi.*(publish|upload)|(publish|upload).*pypi|twine"), "python-package", "pypi"),
    (regex(r"npm[-_]?(publish|release)|publish[-_]?(to[-_]?)?npm"), "npm-package", "npm"),
    (
        regex(r"(publish|release)[-_]?(to[-_]?)?crates?|crates?[-_]?(io[-_]?)?(publish|release)|cargo[-_]?publish"),
        "crate",
        "crates.io",
    ),
    (
        regex(r"(publish|push|release)[-_]?(ruby)?gem|(ruby)?gems?[-_]?(publish|push|release)"),
        "ruby-gem",
        "rubygems",
    ),
    (regex(r"nuget[-_]?(publish|push)|(publish|push)[-_]?nuget"), "nuget-package", "nuget"),
    (regex(r"maven[-_]?(publish|deploy|release)|(publish|deploy)[-_]?maven"), "maven-artifact", "maven-central"),
    (regex(r"snap(craft)?[-_]?(publish|upload)|(publish|upload)[-_]?snap"), "os-package", "snapcraft"),
    (regex(r"homebrew|brew[-_]?(bump|release|tap)"), "metadata", "homebrew"),
    (regex(r"winget"), "metadata", "winget"),
)
RELEASE = regex(
    r"(upload|add|attach)[-_].*(release|asset)|gh[-_]release|github[-_]release|release[-_](upload|asset|files)"
)
IMAGE = regex(
    r"(docker|image|container|oci)[-_]?(build[-_]?)?(and[-_]?)?(push|publish|release)|(push|publish)[-_](docker|image|container)"
)
CONTAINER = regex(
    r"(container|image|docker|oci)[-_/](build|release|multiarch|merge|manifest)|(build|merge|release)[-_](container|image|docker|multiarch)"
)
BUCKET = regex(
    r"(s3|blob|bucket|gcs|r2|oss|spaces)[-_]?(storage[-_]?)?(upload|sync|deploy|copy)|upload[-_](to[-_])?(aws[-_])?(s3|blob|gcs|r2)"
)
CHANNELS = (  # words in the names of inputs that hold credentials: type, channel
    (regex(r"docker_?-?hub"), "container-image", "docker.io"),
    (regex(r"quay"), "container-image", "quay.io"),
    (regex(r"ghcr"), "container-image", "ghcr.io"),
    (regex(r"pypi"), "python-package", "pypi"),
    (regex(r"npm[-_]?(auth[-_]?)?token"), "npm-package", "npm"),
    (regex(r"crates|cargo"), "crate", "crates.io"),
)
GIVEN = (  # words in the names of variables that hold credentials
    (regex(r"^NODE_AUTH_TOKEN$|NPM_(AUTH_)?TOKEN"), "npm-package", "npm"),
    (regex(r"PYPI_(PASSWORD|(API_)?TOKEN)|^TWINE_PASSWORD$"), "python-package", "pypi"),
    (regex(r"NUGET_(PUBLISH_|API_)?(KEY|TOKEN)"), "nuget-package", "nuget"),
    (regex(r"(OSSRH|SONATYPE|MAVEN_CENTRAL|PUBLISH_REPO)_(PASSWORD|TOKEN)"), "maven-artifact", "maven-central"),
    (regex(r"^CARGO_REGISTRY_TOKEN$|CRATES_IO_TOKEN"), "crate", "crates.io"),
    (regex(r"^GEM_HOST_API_KEY$|RUBYGEMS_API_KEY"), "ruby-gem", "rubygems"),
)
FILES = ("files", "file", "assets", "asset_path", "asset_paths", "artifacts", "path", "asset")
IMAGES = ("image", "images", "image_name", "image-name", "imagename", "repository", "repo", "name", "tags", "tag")
WRITES = regex(r"zip|\btar\b|tarball|compress|archive|replace|substitut|inject|minif|stamp")
TAKES = regex(r"unzip|extract|download|upload|setup|install|cache")
WRITTEN = (
    "filename",
    "dest",
    "destination",
    "output",
    "outpath",
    "out",
    "archive",
    "include",
    "files",
    "file",
    "target",
)
"""Actions that make archives or edit files, and the inputs that name what they write."""
EXCLUDED = regex(
    r"^(actions/|github/|docker/|.*(setup|login|install|notify|comment|changelog|notes|drafter|get|fetch|verify|wait|check|lint|scan))"
)


def guessed(call: Call) -> list[Act]:
    """What an unknown action publishes to judge by its name, nothing where the name says nothing."""
    name = call.name.split("/", 1)[-1].removeprefix("actions/")
    if alters_by_name(call.name):
        return [call.act(ActKind.ALTER)]
    if WRITES.search(name) and not TAKES.search(name) and (what := call.lines(*WRITTEN, separator=",\n")):
        return [call.act(ActKind.ALTER, what=what)]
    if EXCLUDED.match(call.name) or EXCLUDED.match(name):
        return []
    if name.rpartition("/")[2] in ("goreleaser", "goreleaser-action", "run-goreleaser"):
        return _goreleaser(call)
    for pattern, kind, channel in NAMES:
        if pattern.search(name):
            return [call.act(ActKind.PUBLISH, type=kind, channel=channel, guessed="yes", builds="yes")]
    return _files(call, name) or _images(call, name) or given_to(call.name, call.inputs.values(), call.at)


def _goreleaser(call: Call) -> list[Act]:
    """An action around goreleaser: what the repository's own configuration of it publishes."""
    from slsacheck.evidence.publications.actions.scripted import run_script

    triggers = call.context.pipeline.triggers
    releases = any(trigger.tags or trigger.event == "release" for trigger in triggers)
    if call.flag("release", default=releases) is False or call.flag("snapshot", default=False) is True:
        return []
    acts = run_script("goreleaser release --clean", call)
    return [replace(act, detail=(*act.detail, ("guessed", "yes"))) for act in acts if act.kind is ActKind.PUBLISH]


def _files(call: Call, name: str) -> list[Act]:
    if RELEASE.search(name) and (what := call.lines(*FILES, separator=",\n")):
        return [call.act(ActKind.PUBLISH, channel="github-release", what=what, guessed="yes")]
    if BUCKET.search(name):
        what = call.lines("source_dir", "source", "path", "file", "files", "local_dir")
        return [call.act(ActKind.PUBLISH, channel="object-storage", what=what, guessed="yes", bucket="yes")]
    return _by_credentials(call) if re.search(r"publish|release", name) else []


def _images(call: Call, name: str) -> list[Act]:
    if IMAGE.search(name) and call.flag("push", default=True) is not False:
        registry, image = call.text("registry"), call.lines(*IMAGES, separator=",\n")
        names = tuple(f"{registry}/{one}" if registry and not one.startswith(registry) else one for one in image[:4])
        return image_acts(call, names or (registry,) if names or registry else (), provenance="no", guessed="yes")
    if CONTAINER.search(name) and call.may("packages"):
        return _hidden_image(call)
    return []


def _hidden_image(call: Call) -> list[Act]:
    """An image that an unknown action builds with a token that may write packages: what it attests is not seen."""
    image = (
        call.text("image", "image-name", "image_name", "repository", "component", "name") or "${{ github.repository }}"
    )
    name = image if "/" in image else f"ghcr.io/${{{{ github.repository_owner }}}}/{image}"
    return [
        call.act(
            ActKind.PUBLISH,
            type="container-image",
            channel="ghcr.io",
            name=name,
            provenance="unknown",
            root="reusable-workflow",
            external=(call.uses.raw,),
            guessed="yes",
            builds="yes",
        )
    ]


def _own_variables(call: Call) -> list[str]:
    """The variables that have a value in this step alone."""
    wider = {item.name for item in (*call.context.job.env, *call.context.pipeline.env)}
    return [name for name, value in call.context.env.items() if value and name not in wider]


def _by_credentials(call: Call) -> list[Act]:
    """What an action that publishes is handed the credentials for."""
    found = [
        call.act(ActKind.PUBLISH, type=kind, channel=channel, guessed="yes", builds="yes")
        for names, channels in ((call.inputs, CHANNELS), (_own_variables(call), GIVEN))
        for pattern, kind, channel in channels
        if any(pattern.search(name) for name in names)
    ]
    if found and "release" in call.name and any("github_token" in name or name == "token" for name in call.inputs):
        found.append(call.act(ActKind.PUBLISH, channel="github-release", guessed="yes"))
    return found
