"""Releases on a forge: gh, glab, hub and the like, and uploads with curl."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import option_names, unresolved
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_GH_VALUES = option_names(
    "-t --title -n --notes -F --notes-file --target --discussion-category --notes-start-tag -R --repo --tag "
    "--hostname -D --dir -p --pattern -O --output -H --header -X --method -f --raw-field --field --input -q --jq "
    "--template"
)
_GLAB_VALUES = option_names(
    "-n --name -N --notes -F --notes-file -r --ref -m --milestone -a --assets-links -D --released-at -R --repo -T "
    "--tag-message"
)
_HUB_VALUES = option_names("-a --attach -m --message -F --file -t --commitish")
_CURL_VALUES = option_names(
    "-X --request -H --header -d --data --data-binary -T --upload-file -F --form -u --user -o --output -A "
    "--user-agent -e --referer --url -w --write-out --retry --retry-delay --max-time -m --connect-timeout "
    "--cacert --cert --key -b --cookie -c --cookie-jar --data-raw --data-urlencode --resolve --proxy -x "
    "--form-string -C --netrc-file --oauth2-bearer --aws-sigv4 --retry-max-time"
)
_GITLAB_PACKAGES = regex(r"/packages/(generic|pypi|npm|maven|nuget|helm|debian|conan|composer|rubygems|terraform)(/|$)")
_PACKAGE_TYPES = {"pypi": "python-package", "npm": "npm-package", "maven": "maven-artifact", "nuget": "nuget-package",
                  "helm": "helm-chart", "debian": "os-package", "rubygems": "ruby-gem"}  # fmt: skip
_REGISTRIES = (  # part of the address, type, channel
    (regex(r"uploads\.github\.com/repos/|/releases/[^/]+/assets"), None, "github-release"),
    (regex(r"upload\.pypi\.org/legacy"), "python-package", "pypi"),
    (regex(r"rubygems\.org/api"), "ruby-gem", "rubygems"),
    (regex(r"(central|ossrh|oss)\.sonatype\.(com|org)"), "maven-artifact", "maven-central"),
    (regex(r"push\.fury\.io"), "os-package", "fury.io"),
    (regex(r"packagecloud\.io/api"), "os-package", "packagecloud"),
    (regex(r"upload\.cloudsmith\.io"), "os-package", "cloudsmith"),
    (regex(r"nuget\.org/api"), "nuget-package", "nuget"),
)


def _gh(call: Call) -> list[Act]:
    start = 1
    while call.word(start).startswith("-"):
        start += 2 if call.word(start) in _GH_VALUES else 1
    if call.word(start) == "release":
        return _gh_release(call, start + 1)
    if call.word(start) == "api":
        return _gh_api(call, start + 1)
    if call.word(start) == "attestation":
        return []
    return []


def _gh_release(call: Call, start: int) -> list[Act]:
    while call.word(start).startswith("-"):  # `gh release -R owner/name upload …`
        start += 2 if call.word(start) in _GH_VALUES else 1
    word = call.word(start)
    if word == "edit":
        return []
    if word not in ("create", "upload"):
        return _fetched(call, start) if word == "download" else []
    options = call.options(start + 1, _GH_VALUES)
    files = tuple(word.split("#")[0] if not word.startswith("#") else word for word in options.words[1:])
    if call.command.argv[:1] == ("xargs",):
        files += tuple(word for word in call.piped if re.search(r"[*./]", word) and not word.startswith(("-", "./")))[
            -20:
        ] or ("*",)
    if not files:
        return []
    names = tuple(choice for file in files for choice in call.choices(file))
    return [
        call.publish(
            None,
            "github-release",
            None,
            names,
            repository=options.value("-R", "--repo") or "",
            release_line=str(call.at.line or ""),
            folder=call.context.directory or ".",
        )
    ]


def _fetched(call: Call, start: int) -> list[Act]:
    """Files of a release, fetched back."""
    options = call.options(start + 1, _GH_VALUES)
    folder = (options.value("-D", "--dir") or "").removeprefix("./").strip("/")
    what = options.values("-p", "--pattern") or ("*",)
    placed = tuple(f"{folder}/{name}" if folder else name for name in what)
    other = options.value("-R", "--repo") or ""
    run = "release" if not other or "github.repository" in other or "GITHUB_REPOSITORY" in other else "elsewhere"
    return [call.act(ActKind.FETCH, name="release", what=placed, run=run)]


def _gh_api(call: Call, start: int) -> list[Act]:
    options = call.options(start, _GH_VALUES)
    address = next(iter(options.words), "")
    if (
        "/releases/" in address
        and "assets" in address
        and (options.value("--input") or options.value("-X", "--method") == "POST")
    ):
        return [call.publish(None, "github-release", None, options.values("--input"))]
    return []


def _glab(call: Call) -> list[Act]:
    if call.word(1) != "release" or call.word(2) not in ("create", "upload"):
        return []
    options = call.options(3, _GLAB_VALUES)
    files = tuple(word.split("#")[0] for word in options.words[1:])
    return [call.publish(None, "gitlab-release", None, files)] if files else []


def _release_cli(call: Call) -> list[Act]:
    """GitLab's release-cli only links files; they are published where the link points to."""
    links = [match[1] for word in call.argv if (match := re.search(r'"url"\s*:\s*"([^"]+)"', word))]
    return [call.publish(None, "gitlab-release", None, tuple(links))] if call.word(1) == "create" and links else []


def _hub(call: Call) -> list[Act]:
    if call.word(1) != "release" or call.word(2) not in ("create", "edit"):
        return []
    files = tuple(value.split("#")[0] for value in call.options(3, _HUB_VALUES).values("-a", "--attach"))
    return [call.publish(None, "github-release", None, files)] if files else []


def _ghr(call: Call) -> list[Act]:
    options = call.options(
        1, option_names("-t -u -r -c -b -n -p -username -repository -commitish -body -name -parallel --token")
    )
    what = tuple(options.words[1:])
    return [call.publish(None, "github-release", None, what)] if what else []


def _github_release(call: Call) -> list[Act]:
    options = call.options(2, option_names("-f --file -n --name -t --tag -u --user -r --repo -s -l --label -d"))
    files = options.values("-f", "--file")
    return [call.publish(None, "github-release", None, files)] if call.word(1) == "upload" and files else []


def _tea(call: Call) -> list[Act]:
    options = call.options(2, option_names("--tag --title --note --asset -a --target --repo -r --login -l"))
    files = options.values("--asset", "-a")
    return (
        [call.publish(None, "gitea-release", None, files)]
        if call.word(1) in ("release", "releases", "r") and files
        else []
    )


def _curl(call: Call) -> list[Act]:
    options = call.options(1, _CURL_VALUES)
    method = (options.value("-X", "--request") or "").upper()
    sent = options.values("-T", "--upload-file")
    forms = tuple(value.partition("@")[2].split(";")[0] for value in options.values("-F", "--form") if "@" in value)
    bodies = tuple(value[1:] for value in options.values("--data-binary", "-d", "--data") if value.startswith("@"))
    what = tuple(name for name in (*sent, *forms, *bodies) if name and name != "-")
    address = next(
        (word for word in (*options.values("--url"), *options.words) if "://" in word or "$" in word or "." in word), ""
    )
    if not (sent or forms or bodies) or not address:
        return []
    return _uploaded(call, address, what, explicit=bool(sent) or method == "PUT")


def _uploaded(call: Call, address: str, what: tuple[str, ...], *, explicit: bool) -> list[Act]:
    for pattern, kind, channel in _REGISTRIES:
        if pattern.search(address):
            return [call.publish(kind, channel, None, what)]
    packages = _GITLAB_PACKAGES.search(address)
    host = _host(address)
    if packages:
        return [call.publish(_PACKAGE_TYPES.get(packages[1]), host or "gitlab-packages", None, what)]
    if not explicit or not any(re.search(r"[.*]", name) for name in what):
        return []
    return [call.publish(None, host, None, what)]


def _host(address: str) -> str | None:
    from urllib.parse import urlsplit

    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return host if host and not unresolved(address.partition("://")[2].split("/")[0]) else None


READERS = {
    "gh": _gh,
    "hub": _hub,
    "glab": _glab,
    "release-cli": _release_cli,
    "ghr": _ghr,
    "github-release": _github_release,
    "tea": _tea,
    "curl": _curl,
}
