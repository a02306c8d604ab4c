"""RubyGems, NuGet, Chocolatey and the registries of other languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import option_names, unresolved
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_GEM_VALUES = option_names("-k --key --host --otp -p --http-proxy --attestation -o --output -C")
_NUGET_VALUES = option_names(
    "-s --source -k --api-key -ss --symbol-source -sk --symbol-api-key -t --timeout -Source -ApiKey -src -Timeout "
    "-ConfigFile -SymbolSource -o --output -c --configuration -v --verbosity -p -r --runtime -f --framework "
    "--version-suffix -OutputDirectory -Version"
)


def _gem(call: Call) -> list[Act]:
    if call.word(1) == "build":
        return [call.act(ActKind.BUILD, type="ruby-gem", what=("*.gem",))]
    if call.word(1) != "push":
        return []
    options = call.options(2, _GEM_VALUES)
    host = options.value("--host") or call.env("RUBYGEMS_HOST") or ""
    channel = _host(host) or "rubygems" if host else "rubygems"
    attests = options.values("--attestation")
    signing = "keyless" if attests else None
    return [call.act(ActKind.PUBLISH, type="ruby-gem", channel="rubygems" if channel == "rubygems.org" else channel,
                     what=tuple(options.words), provenance="no", signing=signing)]  # fmt: skip


def _host(address: str) -> str | None:
    authority = address.partition("://")[2].partition("/")[0]
    if unresolved(authority) or not authority:
        return None
    from urllib.parse import urlsplit

    try:
        return urlsplit(f"//{authority}").hostname
    except ValueError:
        return None


_RELEASES = frozenset({"release", "release:rubygem_push", "gem:push", "gem:release", "publish"})
_RELEASES_OF_ONE = regex(r"^(release:(?!guard|source_control_push$)[\w:.-]+|[\w.-]+:release)$")
"""The tasks that a repository with several gems names after each (`release:NAME`, `NAME:release`)."""


def _rake(call: Call) -> list[Act]:
    """Bundler's `rake release` builds the gem, tags and pushes it."""
    for word in call.argv[1:]:
        task = re.sub(r"\[.*\]$", "", word)
        if task in _RELEASES or (_RELEASES_OF_ONE.match(task) and _has_gem(call)):
            return [call.publish("ruby-gem", "rubygems", builds="yes")]
        if task in ("build", "gem", "package", "gem:build"):
            return [call.act(ActKind.BUILD, type="ruby-gem", what=("pkg/*.gem",))]
    return []


def _has_gem(call: Call) -> bool:
    return any(path.endswith(".gemspec") for path in call.context.tree.paths())


def _dotnet(call: Call) -> list[Act]:
    if call.argv[1:3] == ("nuget", "push"):
        return _nuget_push(call, 3)
    options = call.options(2, _NUGET_VALUES)
    if call.word(1) == "pack":
        return [
            call.act(ActKind.BUILD, type="nuget-package", what=(f"{options.value('-o', '--output') or '.'}/*.nupkg",))
        ]
    if call.word(1) != "publish":
        return []
    return _container_publish(call) or [
        call.act(ActKind.BUILD, type="binary", what=(f"{options.value('-o', '--output') or 'bin'}/*",))
    ]


def _container_publish(call: Call) -> list[Act]:
    """The SDK's container publishing: `-t:PublishContainer -p:ContainerRegistry=…`."""
    from slsacheck.evidence.publications.scripts.containers import image_acts

    if not any("PublishContainer" in word for word in call.argv):
        return []
    given = {
        match[1]: match[2]
        for word in call.argv
        if (match := re.match(r"^[-/]p(?:roperty)?:(Container\w+)=(.*)$", word))
    }
    registry = given.get("ContainerRegistry")
    name = given.get("ContainerRepository") or given.get("ContainerImageName") or "$(ContainerRepository)"
    return image_acts(call, [f"{registry}/{name}"], provenance="no", builds="yes") if registry else []


def _nuget(call: Call) -> list[Act]:
    if call.word(1).lower() == "push":
        return _nuget_push(call, 2)
    if call.word(1).lower() == "pack":
        return [call.act(ActKind.BUILD, type="nuget-package", what=("*.nupkg",))]
    return []


def _nuget_push(call: Call, start: int) -> list[Act]:
    options = call.options(start, _NUGET_VALUES)
    source = options.value("-s", "--source", "-Source", "-src") or ""
    host = _host(source)
    if host is None:
        channel = "nuget" if not source or ("nuget" in source.lower() and not unresolved(source)) else None
    else:
        channel = "nuget" if host.endswith("nuget.org") else "chocolatey" if host.endswith("chocolatey.org") else host
    if source and not unresolved(source) and "://" not in source and channel is None and re.match(r"^[./~]", source):
        return []
    named = "nuget" if channel is None and re.search("nuget", source, re.IGNORECASE) else channel
    return [call.publish("nuget-package", named, None, tuple(options.words[:1]))]


def _choco(call: Call) -> list[Act]:
    if call.word(1) == "pack":
        return [call.act(ActKind.BUILD, type="nuget-package", what=("*.nupkg",))]
    if call.word(1) != "push":
        return []
    options = call.options(2, _NUGET_VALUES)
    return [call.publish("nuget-package", "chocolatey", None, tuple(options.words[:1]))]


def _other(channel: str, *words: tuple[str, ...]) -> object:
    """A reader for a registry that has one publishing command."""

    def read(call: Call) -> list[Act]:
        publishes = any(call.argv[1 : 1 + len(wanted)] == wanted for wanted in words)
        if not publishes or {"--dry-run", "-n", "--dryrun"} & set(call.argv):
            return []
        return [call.publish("other", channel, builds="yes")]

    return read


READERS = {
    "gem": _gem,
    "rake": _rake,
    "dotnet": _dotnet,
    "nuget": _nuget,
    "choco": _choco,
    "mix": _other("hex.pm", ("hex.publish",)),
    **dict.fromkeys(("dart", "flutter"), _other("pub.dev", ("pub", "publish"))),
    "pod": _other("cocoapods", ("trunk", "push")),
    "cabal": _other("hackage", ("upload",)),
    "stack": _other("hackage", ("upload",)),
    "luarocks": _other("luarocks.org", ("upload",)),
    "conan": _other("conan", ("upload",)),
    "composer": _other("packagist", ("publish",)),
    "opam": _other("opam", ("publish",)),
    "paket": _other("nuget", ("push",)),
}
