"""Actions that publish to package registries: PyPI, npm, crates.io, RubyGems, NuGet, Maven Central and the like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.actions.scripted import run_script
from slsacheck.evidence.publications.acts import Act, ActKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.actions.call import Call

__all__ = ["HANDLERS"]

SIMPLE = {  # action: type, channel, inputs with the files or the name
    "brandedoutcast/publish-nuget": ("nuget-package", "nuget", ("project_file_path",)),
    "alirezanet/publish-nuget": ("nuget-package", "nuget", ("project_file_path",)),
    "rohith/publish-nuget": ("nuget-package", "nuget", ("project_file_path",)),
    "tonyhallett/publish-nuget": ("nuget-package", "nuget", ("project_file_path",)),
    "katyo/publish-crates": ("crate", "crates.io", ("path",)),
    "dawidd6/action-publish-gem": ("ruby-gem", "rubygems", ("gem_name",)),
    "cadwallion/publish-rubygems-action": ("ruby-gem", "rubygems", ()),
    "discourse/publish-rubygems-action": ("ruby-gem", "rubygems", ()),
    "samuelmeuli/action-maven-publish": ("maven-artifact", "maven-central", ()),
    "snapcore/action-publish": ("os-package", "snapcraft", ("snap",)),
    "canonical/action-publish": ("os-package", "snapcraft", ("snap",)),
    "helm/chart-releaser-action": ("helm-chart", "github-release", ("charts_dir",)),
    "stefanprodan/helm-gh-pages": ("helm-chart", "github-pages", ("charts_dir",)),
    "flatpak/flatpak-github-actions/flatpak-external-data": ("metadata", "flathub", ()),
    "haaleo/publish-vscode-extension": ("other", "marketplace.visualstudio.com", ("extensionfile",)),
    "artis3n/ansible_galaxy_collection": ("other", "galaxy.ansible.com", ()),
    "10up/action-wordpress-plugin-deploy": ("other", "wordpress.org", ()),
    "erlef/hex-publish": ("other", "hex.pm", ()),
    "wesleimp/action-publish-hex": ("other", "hex.pm", ()),
    "synchronous-engineer/publish-hex": ("other", "hex.pm", ()),
    "k-paxian/dart-package-publisher": ("other", "pub.dev", ()),
    "mislav/bump-homebrew-formula-action": ("metadata", "homebrew", ("formula-name",)),
    "dawidd6/action-homebrew-bump-formula": ("metadata", "homebrew", ("formula",)),
    "dawidd6/action-homebrew-bump-cask": ("metadata", "homebrew", ("cask",)),
    "eugenesvk/action-homebrew-bump-cask": ("metadata", "homebrew", ("cask",)),
    "macauley/action-homebrew-bump-cask": ("metadata", "homebrew", ("cask",)),
    "justintime50/homebrew-releaser": ("metadata", "homebrew", ("homebrew_tap",)),
    "vedantmgoyal2009/winget-releaser": ("metadata", "winget", ("identifier",)),
    "vedantmgoyal9/winget-releaser": ("metadata", "winget", ("identifier",)),
    "ksxgithub/github-actions-deploy-aur": ("metadata", "aur", ("pkgname",)),
    "rajatjindal/krew-release-bot": ("metadata", "krew", ()),
    "scientific-python/upload-nightly-action": ("other", "anaconda.org", ("artifacts_path",)),
    "nixbuild/publish": ("other", "nixbuild", ()),
    "determinatesystems/flakehub-push": ("other", "flakehub.com", ("name",)),
    "bazel-contrib/publish-to-bcr": ("metadata", "registry.bazel.build", ()),
    "cloudsmith-io/action": ("os-package", "cloudsmith", ("file",)),
    "danielmundi/upload-packagecloud": ("os-package", "packagecloud", ("package-name",)),
    "computology/packagecloud-github-action": ("os-package", "packagecloud", ("package-name",)),
    "linuxserver/docker-mods": ("container-image", "docker.io", ()),
}


def _simple(call: Call) -> list[Act]:
    kind, channel, inputs = SIMPLE[call.name]
    return [call.act(ActKind.PUBLISH, type=kind, channel=channel, name=call.text(*inputs) or None, builds="yes")]


def _pypi(call: Call) -> list[Act]:
    from slsacheck.evidence.publications.projectname import only_project

    where = call.text("repository-url", "repository_url")
    channel = "testpypi" if "test.pypi" in where else "pypi"
    if where and "pypi.org" not in where:
        channel = re.sub(r"^https?://([^/:]+).*", r"\1", where)
    directory = call.text("packages-dir", "packages_dir", default="dist")
    token = call.has("password") or call.has("user")
    version = call.version
    default = not token and (version is None or version >= (1, 11))
    attests = call.flag("attestations", default=default)
    kind = "keyless" if attests is not False and not token else None
    published = call.act(
        ActKind.PUBLISH,
        type="python-package",
        channel=channel,
        what=(f"{directory.rstrip('/')}/*",),
        provenance="no",
        signing=kind,
        trusted="" if token else "yes",
        publish_attestation="yes" if kind else "",
        project=only_project(call.context.tree),
    )
    return [published]


def _maturin(call: Call) -> list[Act]:
    if call.text("command") in ("upload", "publish"):
        from_secret = any(name.startswith("maturin_pypi_token") for name in call.context.env)
        acts = [
            call.act(ActKind.PUBLISH, type="python-package", channel="pypi", what=call.lines("args"), provenance="no")
        ]
        return acts if from_secret or acts else []
    return [call.act(ActKind.BUILD, type="python-package", what=("dist/*", "target/wheels/*"))]


def _npm(call: Call) -> list[Act]:
    registry = call.text("registry")
    words = ["npm", "publish"]
    if registry:
        words.append(f"--registry={registry}")
    if call.flag("provenance", default=False) is True:
        words.append("--provenance")
    package = re.sub(r"/?package\.json$", "", call.text("package"))
    if package:
        words.append(package if package.endswith((".tgz", "/")) else f"./{package}".replace("././", "./"))
    acts = run_script(" ".join(words), call)
    if acts:
        return acts
    return [
        call.act(
            ActKind.PUBLISH,
            type="npm-package",
            channel="npm" if "github" not in registry else "npm.pkg.github.com",
            provenance="yes" if call.flag("provenance", default=False) else "no",
            root="npm-provenance",
        )
    ]


def _changesets(call: Call) -> list[Act]:
    """The second version's action of its own that publishes what another job may have packed."""
    return run_script("changeset publish", call)


def _semantic_release(call: Call) -> list[Act]:
    return run_script("npx semantic-release", call)


def _python_semantic_release(call: Call) -> list[Act]:
    version = call.version
    to_pypi = call.has("pypi_token") or (version is not None and version < (8, 0) and call.has("repository_password"))
    acts = []
    if to_pypi:
        acts.append(call.act(ActKind.PUBLISH, type="python-package", channel="pypi", what=("dist/*",), builds="yes"))
    return acts


def _release_plz(call: Call) -> list[Act]:
    if call.text("command") == "release-pr":
        return []
    return [call.act(ActKind.PUBLISH, type="crate", channel="crates.io", provenance="no", builds="yes")]


def _gem(call: Call) -> list[Act]:
    default = call.version is None or call.version >= (1, 0)
    attests = call.flag("attestations", default=default)
    unclear = attests is not False
    return [
        call.act(
            ActKind.PUBLISH,
            type="ruby-gem",
            channel="rubygems",
            provenance="unknown" if unclear else "no",
            root="rubygems-attestation" if unclear else None,
            signing="unknown" if unclear else None,
            builds="yes",
            external=("what release-gem attaches to the gem by itself (the attestations at rubygems.org)",)
            if unclear
            else (),
        )
    ]


def _nothing(_call: Call) -> list[Act]:
    return []


HANDLERS: dict[str, Callable[[Call], list[Act]]] = {
    **dict.fromkeys(SIMPLE, _simple),
    "pypa/gh-action-pypi-publish": _pypi,
    "pyo3/maturin-action": _maturin,
    "messense/maturin-action": _maturin,
    "pypa/cibuildwheel": lambda call: [call.act(ActKind.BUILD, type="python-package", what=("wheelhouse/*",))],
    "js-devtools/npm-publish": _npm,
    "changesets/action/publish": _changesets,
    "cycjimmy/semantic-release-action": _semantic_release,
    "codfish/semantic-release-action": _semantic_release,
    "extractions/semantic-release-action": _semantic_release,
    "python-semantic-release/python-semantic-release": _python_semantic_release,
    "relekang/python-semantic-release": _python_semantic_release,
    "marcoieni/release-plz-action": _release_plz,
    "release-plz/action": _release_plz,
    "rubygems/release-gem": _gem,
    "googleapis/release-please-action": _nothing,
    "google-github-actions/release-please-action": _nothing,
    "rust-lang/crates-io-auth-action": _nothing,
    "docker/login-action": _nothing,
    "docker/metadata-action": _nothing,
}
