"""What CI systems other than GitHub Actions use by name: plug-in images, pipes, orbs, tasks, deployment providers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.actions.containers import image_acts, recipe_of
from slsacheck.evidence.publications.actions.scripted import read_script
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.actions.call import Call

__all__ = ["acts_of_plugin"]

IMAGE_PLUGINS = regex(
    r"^(plugins/(docker|ecr|gcr|gar|acr|heroku|kaniko|buildx)|woodpeckerci/plugin-(docker-buildx|kaniko|docker)|"
    r"(codeberg\.org/)?woodpecker-plugins/(docker-buildx|buildx|kaniko)|thegeeklab/drone-docker(-buildx)?|"
    r"banzaicloud/drone-kaniko|gcr\.io/kaniko-project/executor|plugins/kaniko(-ecr|-gcr)?|quay\.io/thegeeklab/[\w-]*docker[\w-]*)"
)
RELEASE_PLUGINS = {
    "plugins/github-release": "github-release",
    "plugins/gitea-release": "gitea-release",
    "woodpeckerci/plugin-release": "forge-release",
    "woodpeckerci/plugin-gitea-release": "gitea-release",
    "woodpeckerci/plugin-github-release": "github-release",
    "woodpecker-plugins/gitea-release": "gitea-release",
    "codeberg.org/woodpecker-plugins/release": "forge-release",
    "thegeeklab/drone-github-release": "github-release",
    "quay.io/thegeeklab/wp-github-release": "github-release",
    "quay.io/thegeeklab/wp-gitea-release": "gitea-release",
}
BUCKET_PLUGINS = regex(r"^(plugins/(s3(-sync)?|gcs)|woodpeckerci/plugin-s3|meltwater/drone-s3)")
PACKAGES = (  # pattern of a plug-in's, pipe's, orb's or task's name: type, channel
    (regex(r"pypi[-_]?(publish|upload)|plugins?/pypi|(publish|upload)[-_/]pypi"), "python-package", "pypi"),
    (regex(r"npm[-_]?publish|plugins?/npm|plugin-npm|publish[-_/]npm"), "npm-package", "npm"),
    (regex(r"nuget[-_]?(push|publish)|publishnuget|plugins?/nuget|plugin-nuget"), "nuget-package", "nuget"),
    (regex(r"gem[-_]?(push|publish)|rubygems"), "ruby-gem", "rubygems"),
    (regex(r"orb-tools/publish"), "ci-component", None),
    (regex(r"snapcraft|snap[-_]?publish"), "os-package", "snapcraft"),
    (regex(r"s3[-_]?(deploy|upload|copy|sync)|aws-s3"), "other", "s3"),
    (regex(r"(gcs|storage|bucket)[-_]?upload|upload-to-gcs"), "other", "object-storage"),
)
PROVIDERS = {  # Travis: type, channel
    "pypi": ("python-package", "pypi"),
    "npm": ("npm-package", "npm"),
    "releases": ("archive", "github-release"),
    "rubygems": ("ruby-gem", "rubygems"),
    "cargo": ("crate", "crates.io"),
    "snap": ("os-package", "snapcraft"),
    "packagecloud": ("os-package", "packagecloud"),
    "cloudsmith": ("os-package", "cloudsmith"),
    "bintray": ("archive", "bintray.com"),
    "s3": ("archive", "s3"),
    "gcs": ("archive", "object-storage"),
    "hackage": ("other", "hackage.haskell.org"),
    "puppetforge": ("other", "forge.puppet.com"),
    "chef-supermarket": ("other", "supermarket.chef.io"),
}
ORB_IMAGES = regex(
    r"(docker|aws-ecr|gcp-gcr|azure-acr|gcp-artifact-registry)[\w-]*/(publish|push|build-and-push|build_and_push)[\w-]*"
)
PIPE_IMAGES = regex(r"(aws-ecr-push-image|google-gcr-push-image|docker-push|azure-.*acr)")
FILES = frozenset(("publish", "download", "downloadBuild", "getPackage", "checkout"))
"""Azure's words for files that jobs hand to each other: they are followed by name of the artifact."""
REGISTRIES = (("ecr", "amazonaws.com"), ("gcr", "gcr.io"), ("gar", "pkg.dev"), ("acr", "azurecr.io"))


def acts_of_plugin(call: Call) -> list[Act]:
    """The acts of a plug-in, a pipe, an orb's command, a task or a deployment provider."""
    kind = call.uses.kind
    if kind == "deploy-provider":
        return _provider(call)
    if kind in FILES:
        return []
    name = re.sub(r"^(docker\.io|index\.docker\.io)/", "", call.name)
    if IMAGE_PLUGINS.match(name):
        return _image(call)
    if name in RELEASE_PLUGINS:
        what = call.lines("files", separator=",\n")
        return [call.act(ActKind.PUBLISH, channel=_forge(call, name), what=what)] if what else []
    if BUCKET_PLUGINS.match(name):
        bucket = call.text("bucket", default="object-storage")
        return [call.act(ActKind.PUBLISH, channel=bucket, what=call.lines("source", separator=",\n"), bucket="yes")]
    if kind.startswith("task"):  # Azure's, or Tekton's, whose images are told from the parameters of the job
        return _azure(call) if call.context.pipeline.system == "azure-pipelines" else _by_name(call, name)
    if ORB_IMAGES.search(name) or PIPE_IMAGES.search(name):
        return _image(call)
    return _by_name(call, name)


def _forge(call: Call, name: str) -> str:
    """Where a plug-in for any forge releases, to judge by the name of the token that it is given."""
    token = call.text("api_key", "api-key", "token").lower()
    told = next((forge for forge in ("github", "gitlab", "gitea") if forge in token), None)
    return f"{told}-release" if told and RELEASE_PLUGINS[name] == "forge-release" else RELEASE_PLUGINS[name]


def _by_name(call: Call, name: str) -> list[Act]:
    for pattern, kind, channel in PACKAGES:
        if pattern.search(name):
            return [call.act(ActKind.PUBLISH, type=kind, channel=channel, guessed="yes", builds="yes")]
    return []


def _image(call: Call) -> list[Act]:
    if call.flag("dry_run", default=False) is True or call.flag("dry-run", default=False) is True:
        return []
    read = recipe_of(call, "dockerfile", context=("context", "path"))
    repositories = call.lines("repo", "repos", separator=",\n")
    if len(repositories) > 1:
        return image_acts(call, repositories, provenance="no", facts=read)
    name = call.text("repo", "image", "image_name", "image-name", "destination", "repository", "custom_image_name")
    registry = call.text("registry", "account-url", "account_url", "registry-url", "registry_url")
    if not name and (found := re.search(r"--destination[= ](\S+)", call.text("args"))):
        name = found[1]
    if registry and name and not name.startswith(registry):
        name = f"{registry.rstrip('/')}/{name}"
    if not name and not registry:
        return []
    acts = image_acts(call, (name or registry,), provenance="no", facts=read)
    if "/" in name and channel_of_image(name) == "docker.io":
        hosted = next(
            (channel for word, channel in REGISTRIES if re.search(rf"(^|[/_-]){word}(\b|[_/-])", call.name)), None
        )
        if hosted:
            return [
                call.act(
                    ActKind.PUBLISH, type="container-image", channel=hosted, name=name, provenance="no", builds="yes"
                )
            ]
    return acts


def _provider(call: Call) -> list[Act]:
    provider = call.uses.name.lower()
    if provider == "script":
        return read_script(call.text("script"), call.place("script"), call.context)
    if provider not in PROVIDERS:
        return []
    kind, channel = PROVIDERS[provider]
    what = call.lines("file", "local_dir", "glob", "gem", "snap")
    return [call.act(ActKind.PUBLISH, type=None if what else kind, channel=channel, what=what, provenance="no")]


def _azure(call: Call) -> list[Act]:
    name = re.sub(r"@.*", "", call.name.rpartition("/")[2])
    handler = TASKS.get(name)
    return handler(call) if handler is not None else []


def _azure_docker(call: Call) -> list[Act]:
    command = call.text("command", default="buildAndPush").lower()
    if "push" not in command:
        return []
    registry = call.text("containerRegistry", "containerregistry", "azurecontainerregistry")
    read = recipe_of(call, "dockerfile", context=("buildcontext",), default="**/Dockerfile")
    image = call.text("repository", "imagename") or registry
    return image_acts(call, (image,), provenance="no", made_by="docker", facts=read)


def _azure_release(call: Call) -> list[Act]:
    if call.text("action", default="create").lower() == "delete":
        return []
    default = "$(Build.ArtifactStagingDirectory)/*"
    return [call.act(ActKind.PUBLISH, channel="github-release", what=call.lines("assets", default=default))]


def _azure_nuget(call: Call) -> list[Act]:
    meant = "publish" in call.name or call.has("packagestopush")
    if "push" not in call.text("command", default="push" if meant else "").lower():
        return []
    feed = call.text("nugetfeedtype", default="internal").lower()
    outside = feed == "external" or "nuget.org" in call.text("publishfeedcredentials", "nugetserviceconnection")
    internal = call.has("publishvstsfeed") or not outside
    channel = "azure-artifacts" if internal else "nuget"
    return [
        call.act(
            ActKind.PUBLISH, type="nuget-package", channel=channel, what=call.lines("packagestopush", separator=";\n")
        )
    ]


def _azure_npm(call: Call) -> list[Act]:
    if call.text("command") != "publish":
        return []
    channel = "azure-artifacts" if call.text("publishregistry") == "useFeed" else "npm"
    return [call.act(ActKind.PUBLISH, type="npm-package", channel=channel, provenance="no", builds="yes")]


def _azure_esrp(call: Call) -> list[Act]:
    kind, channel = {
        "pypi": ("python-package", "pypi"),
        "npm": ("npm-package", "npm"),
        "maven": ("maven-artifact", "maven-central"),
    }.get(call.text("contenttype").lower(), ("other", None))
    return [call.act(ActKind.PUBLISH, type=kind, channel=channel, what=call.lines("folderlocation"), provenance="no")]


def _azure_script(call: Call) -> list[Act]:
    found: list[Act] = []
    for name in ("script", "inlinescript", "inline"):
        if call.has(name):
            found += read_script(call.text(name), call.place(name), call.context)
    return found


TASKS: dict[str, Callable[[Call], list[Act]]] = {
    "docker": _azure_docker,
    "githubrelease": _azure_release,
    "nugetcommand": _azure_nuget,
    "dotnetcorecli": _azure_nuget,
    "1es.publishnuget": _azure_nuget,
    "npm": _azure_npm,
    "esrprelease": _azure_esrp,
    "bash": _azure_script,
    "powershell": _azure_script,
    "cmdline": _azure_script,
    "azurecli": _azure_script,
    "azurepowershell": _azure_script,
}
