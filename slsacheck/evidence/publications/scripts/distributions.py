"""Packages of operating systems and package managers: built, uploaded, announced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import option_names, unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_JF_VALUES = option_names(
    "--server-id --url --user --password --access-token --build-name --build-number --props --target-props --spec "
    "--module --project --repo --threads"
)


def _snapcraft(call: Call) -> list[Act]:
    if call.word(1) in ("upload", "push"):
        words = call.options(2, frozenset({"--release", "-r"})).words
        return [call.publish("os-package", "snapcraft", None, tuple(words[:1]))]
    if call.word(1) in ("", "pack", "snap", "remote-build") or call.word(1).startswith("-"):
        return [call.act(ActKind.BUILD, type="os-package", what=("*.snap",))]
    return []


def _built(what: str, kind: str = "os-package", *verbs: str) -> Callable[[Call], list[Act]]:
    """A reader for a tool that makes packages."""

    def read(call: Call) -> list[Act]:
        if verbs and call.word(1) not in verbs:
            return []
        return [call.act(ActKind.BUILD, type=kind, what=(what,))]

    return read


def _packagecloud(call: Call) -> list[Act]:
    if "push" not in call.argv[1:3] and call.argv[1:3] != ("pkg", "push"):
        return []
    if "--dry-run" in call.argv:
        return []
    words = call.options(list(call.argv).index("push") + 1, frozenset({"--repo", "--config", "--url"})).words
    files = tuple(word for word in words if re.search(r"\.(deb|rpm|gem|apk|whl|jar|dsc|py)$|\*", word)) or tuple(
        words[1:]
    )
    kind = "ruby-gem" if files and all(name.endswith(".gem") for name in files) else "os-package"
    return [call.publish(kind, "packagecloud", None, files)]


def _cloudsmith(call: Call) -> list[Act]:
    if call.word(1) != "push" or "--dry-run" in call.argv:
        return []
    kinds = {
        "python": "python-package",
        "npm": "npm-package",
        "docker": "container-image",
        "maven": "maven-artifact",
        "helm": "helm-chart",
        "nuget": "nuget-package",
        "ruby": "ruby-gem",
        "cargo": "crate",
        "raw": "other",
    }
    words = call.options(3, frozenset({"--repo", "-k", "--api-key", "--republish="})).words
    return [call.publish(kinds.get(call.word(2), "os-package"), "cloudsmith", None, tuple(words[1:] or words))]


def _fury(call: Call) -> list[Act]:
    words = call.options(2, frozenset({"--as", "--api-token"})).words
    return [call.publish("os-package", "fury.io", None, tuple(words))] if call.word(1) == "push" else []


def _jfrog(call: Call) -> list[Act]:
    words = [word for word in call.options(1, _JF_VALUES).words if word != "rt"]
    verb, files, target = (*words, "", "", "")[:3]
    if not files or "--dry-run" in call.argv:
        return []
    if verb in ("docker-push", "dp"):
        from slsacheck.evidence.publications.scripts.containers import image_acts

        return image_acts(call, [files])
    if verb not in ("upload", "u"):
        return []
    url = call.options(1, _JF_VALUES).value("--url") or call.env("JF_URL") or ""
    host = re.match(r"https?://([\w.-]+)", url)
    name = target if target and not unresolved(target) else None
    return [call.publish(None, host[1] if host else "artifactory", name, (files,))]


def _reprepro(call: Call) -> list[Act]:
    words = call.options(1, option_names("-b --basedir -C --component --confdir --outdir --gnupghome")).words
    adds = words[:1] in (["includedeb"], ["include"], ["includedsc"], ["export"])
    return [call.act(ActKind.BUILD, type=None, what=tuple(words[2:]), repository="apt")] if adds else []


def _createrepo(call: Call) -> list[Act]:
    return [call.act(ActKind.BUILD, type=None, what=tuple(call.options(1).words), repository="yum")]


def _aptly(call: Call) -> list[Act]:
    if call.word(1) != "publish" or call.word(2) not in ("repo", "snapshot", "update", "switch"):
        return []
    target = next((word for word in call.argv[3:] if word.startswith(("s3:", "swift:", "azure:", "gcs:"))), "")
    return [call.publish("os-package", target.split(":")[1] if target else "apt-repository")] if target else []


def _dput(call: Call) -> list[Act]:
    words = call.options(1, frozenset({"-c", "--config"})).words
    target = words[0] if len(words) > 1 else "debian"
    return [call.publish("os-package", "launchpad" if target.startswith("ppa:") else target, target, tuple(words[1:]))]


def _copr(call: Call) -> list[Act]:
    return (
        [call.publish("os-package", "copr", next(iter(call.options(2).words), None))]
        if call.word(1) in ("build", "build-package", "buildscm")
        else []
    )


def _osc(call: Call) -> list[Act]:
    return [call.publish("os-package", "build.opensuse.org")] if call.word(1) in ("commit", "ci") else []


def _brew(call: Call) -> list[Act]:
    if call.word(1) in ("bump-formula-pr", "bump-cask-pr") and "--dry-run" not in call.argv and "-n" not in call.argv:
        words = call.options(
            2, option_names("--url --sha256 --version --tag --revision --message --mirror --fork-org")
        ).words
        return [call.publish("metadata", "homebrew", words[-1] if words else None)]
    return []


def _winget(call: Call) -> list[Act]:
    submits = call.word(1) == "submit" or (
        {"-s", "--submit"} & set(call.argv) and call.word(1) in ("update", "new", "new-version")
    )
    return [call.publish("metadata", "winget")] if submits else []


def _habitat(call: Call) -> list[Act]:
    if call.argv[1:3] in (("pkg", "upload"), ("pkg", "promote")):
        return [call.publish("os-package", "bldr.habitat.sh", None, call.argv[3:4])]
    return (
        [call.act(ActKind.BUILD, type="os-package", what=("results/*.hart",))]
        if call.argv[1:3] == ("pkg", "build")
        else []
    )


def _deb_s3(call: Call) -> list[Act]:
    options = call.options(2, option_names("--bucket -b --codename -c --prefix --sign --arch -a --component -m"))
    bucket = options.value("--bucket", "-b") or "object-storage"
    return (
        [call.publish("os-package", bucket, None, tuple(options.words), bucket="yes")]
        if call.word(1) == "upload"
        else []
    )


def _flatpak(call: Call) -> list[Act]:
    return (
        [call.act(ActKind.BUILD, type="os-package", what=("*.flatpak",))]
        if call.word(1) in ("build-bundle", "build-export")
        else []
    )


READERS = {
    "snapcraft": _snapcraft,
    "flatpak": _flatpak,
    **dict.fromkeys(("package_cloud", "packagecloud"), _packagecloud),
    "cloudsmith": _cloudsmith,
    "fury": _fury,
    **dict.fromkeys(("jf", "jfrog"), _jfrog),
    "reprepro": _reprepro,
    **dict.fromkeys(("createrepo", "createrepo_c"), _createrepo),
    "aptly": _aptly,
    **dict.fromkeys(("dput", "debrelease"), _dput),
    "copr-cli": _copr,
    "osc": _osc,
    "brew": _brew,
    **dict.fromkeys(("wingetcreate", "komac"), _winget),
    "hab": _habitat,
    "deb-s3": _deb_s3,
    "nfpm": _built("*.deb", "os-package", "package", "pkg"),
    "fpm": _built("*.deb"),
    "rpmbuild": _built("*.rpm"),
    **dict.fromkeys(("dpkg-buildpackage", "debuild"), _built("../*.deb")),
}
