"""Hints about the Dockerfile of a published image: worth knowing, never part of a level and no danger by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.dockerfiles import images_of, reached, scripts_of
from slsacheck.evidence.hazards.dockerfiles import MAX_SCRIPTS, commands_of, place_of
from slsacheck.model import Finding
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slsacheck.evidence.dockerfiles import Dockerfile, Published, Stage
    from slsacheck.evidence.shell import Command
    from slsacheck.evidence.tree import Tree
    from slsacheck.model import Place

__all__ = ["dockerfile_hints"]

MAX_PLACES = 20
NOT_ROOT = regex(r"nonroot|rootless|unprivileged")
"""In names and tags of images that start as another user than root."""
STARTS_AS_ROOT = regex(
    r"^(?:scratch|(?:(?:docker\.io/|public\.ecr\.aws/docker/)?library/|docker\.io/)?(?:alpine|debian|ubuntu|centos|fedora|"
    r"rockylinux|almalinux|amazonlinux|archlinux|opensuse|busybox|golang|node|python|ruby|rust|php|perl|gcc|openjdk|"
    r"eclipse-temurin|amazoncorretto|maven|gradle|tomcat|nginx|httpd|caddy|docker|bash|buildpack-deps|pypy|erlang|elixir|"
    r"haskell|swift|dart)|(?:[\w.-]+/)*(?:distroless/[\w.-]+|ubi\d[\w./-]*|opensuse/\w+|wolfi-base))(?:[:@]|$)"
)
"""Images of systems and languages that are known to start as root."""
ROOT_USERS = frozenset({"root", "0", "0:0", "root:root", "root:0", "0:root"})
SDK = regex(
    r"^(?:docker\.io/)?(?:library/)?(?:golang|rust|maven|gradle|gcc|swift|haskell|erlang|elixir|buildpack-deps)(?:[:@]|$)|"
    r"[/-]sdk(?:[:@/-]|$)|-jdk"
)
BUILDS = {  # program: its first words that compile; () for a program that does nothing else
    "go": ("build", "install"),
    "cargo": ("build", "install"),
    "npm": ("run", "run-script"),
    "dotnet": ("build", "publish"),
    **dict.fromkeys(("mvn", "mvnw", "gradle", "gradlew", "make", "gcc", "g++", "cc", "cmake", "rustc", "javac"), ()),
}
SMALL = regex(r"(?:^scratch$|distroless|/static|^cgr\.dev/|chainguard/|wolfi|-micro|-minimal|alpine|-slim|busybox)")
INSTALLS = {  # program: words that install, options that pin, the form of a word that names a version
    "apt-get": (("install",), (), regex(r"[=/]|\.deb$")),
    "apt": (("install",), (), regex(r"[=/]|\.deb$")),
    "apk": (("add",), (), regex(r"[=<>~]|\.apk$")),
    "yum": (("install",), (), regex(r"-\d|\.rpm$")),
    "dnf": (("install",), (), regex(r"-\d|\.rpm$")),
    "microdnf": (("install",), (), regex(r"-\d|\.rpm$")),
    "pip": (
        ("install",),
        ("-r", "--requirement", "-c", "--constraint", "--require-hashes", "-e"),
        regex(r"==|@|^[./]"),
    ),
    "pip3": (
        ("install",),
        ("-r", "--requirement", "-c", "--constraint", "--require-hashes", "-e"),
        regex(r"==|@|^[./]"),
    ),
    "npm": (("install", "i"), (), regex(r".@\d|^[./]")),
    "gem": (("install",), ("-v", "--version"), regex(r":\d|\.gem$")),
    "cargo": (("install",), ("--version", "--locked", "--path", "--rev"), regex(r"@\d")),
    "go": (("install",), (), regex(r"@v?\d|@[0-9a-f]{12,}|^\./")),
}
DISTRIBUTION = frozenset({"apt-get", "apt", "apk", "yum", "dnf", "microdnf"})
WITH_VALUE = frozenset(
    {"-t", "--target-release", "-o", "--virtual", "-X", "--repository", "-i", "--index-url", "--prefix"}
)


def dockerfile_hints(dockerfiles: Iterable[Published], tree: Tree) -> tuple[Finding, ...]:
    """Every hint, the same for one file told once."""
    found = [
        one
        for published in dockerfiles
        for one in (
            *_bases_from_outside(published),
            *_root(published),
            *_build_tools(published),
            *_any_version(published),
            *_other_builders(published, tree),
        )
    ]
    return tuple(dict.fromkeys(found))


def _bases_from_outside(published: Published) -> Iterator[Finding]:
    """A base that whoever starts the build chooses: only provenance with all parameters shows which it was."""
    for use in images_of(published.dockerfile, published.stage, published.contexts):
        if not use.resolved:
            reason = f"{use.written} is filled in by whoever starts the build; this file does not say which image it is"
            remedy = "give the argument a default with a digest: ARG BASE=IMAGE@sha256:<64 hex>"
            at = (place_of(published, use.line),)
            names = ("Scorecard: Pinned-Dependencies", "SLSA threats: external build parameters")
            yield Finding("base-image-by-argument", "low", reason, at, remedy, names)


def _root(published: Published) -> Iterator[Finding]:
    """An image whose programs run as root: what breaks out of them has more rights than it need have."""
    chain = _chain(published.dockerfile, reached(published.dockerfile, published.stage)[0])
    users = [
        (one.words[0].lower(), one.line)
        for stage in chain
        for one in stage.instructions
        if one.name == "USER" and one.words
    ]
    base = chain[-1].base
    if users and users[0][0].strip("\"'") not in ROOT_USERS:
        return
    if not users and (NOT_ROOT.search(base.text) or not STARTS_AS_ROOT.search(base.text.lower())):
        return
    said = "USER sets it back to root" if users else f"no USER is set, and {base.text.partition('@')[0]} starts as root"
    line = users[0][1] if users else chain[0].line
    remedy = "set one in the last stage: USER 65532:65532 (and COPY --chown=65532:65532 what it must write)"
    names = ("hadolint: DL3002", "CIS Docker Benchmark: 4.1")
    reason = f"the image's programs run as root: {said}"
    yield Finding("image-runs-as-root", "low", reason, (place_of(published, line),), remedy, names)


def _chain(dockerfile: Dockerfile, stage: Stage) -> list[Stage]:
    """A stage and those that it is built on, instructions last to first, so that the last USER comes first."""
    from slsacheck.record import replace

    found = [replace(stage, instructions=stage.instructions[::-1])]
    while stage.base.stage is not None:
        stage = dockerfile.stages[stage.base.stage]
        found.append(replace(stage, instructions=stage.instructions[::-1]))
    return found


def _build_tools(published: Published) -> Iterator[Finding]:
    """An image that ships what it was built with: compilers and caches that nobody needs there."""
    last = reached(published.dockerfile, published.stage)[0]
    chain = _chain(published.dockerfile, last)
    base = chain[-1].base
    built = next((line for stage in chain for line in _compiling(stage)), None)
    if built is None and not SDK.search(base.text):
        return
    reason = "the published stage holds the tools that built it; application and system are in one layer of trust"
    remedy = (
        "build in a stage of its own and COPY --from= only the result onto a small base pinned by digest "
        "(scratch, distroless/static, cgr.dev/chainguard/static)"
    )
    at = (place_of(published, built or base.line),)
    yield Finding("image-holds-build-tools", "info", reason, at, remedy, ("CIS Docker Benchmark: 4.3",))


def _compiling(stage: Stage) -> Iterator[int]:
    """The lines on which a stage compiles something."""
    for _, script in list(scripts_of(stage))[:MAX_SCRIPTS]:
        if any(program in script.text for program in BUILDS):
            for command in commands_of(script):
                verbs = BUILDS.get(command.program.rpartition("/")[2])
                if verbs is not None and (not verbs or (command.argv[1:2] and command.argv[1] in verbs)):
                    yield command.line


def _any_version(published: Published) -> Iterator[Finding]:
    """Packages that are installed in whatever version there is that day: the same source gives other images."""
    system: list[Place] = []
    language: list[Place] = []
    for stage in reached(published.dockerfile, published.stage):
        for _, script in list(scripts_of(stage))[:MAX_SCRIPTS]:
            if not any(program in script.text for program in INSTALLS):
                continue
            for command in commands_of(script):
                if (program := _installs_any(command)) is not None:
                    (system if program in DISTRIBUTION else language).append(place_of(published, command.line))
    if language:
        reason = "packages of a language are installed in whatever version there is that day"
        remedy = (
            "install from a lock file with digests (npm ci, pip install --require-hashes -r, cargo install --locked)"
        )
        names = ("Scorecard: Pinned-Dependencies", "hadolint: DL3013, DL3016, DL3028")
        yield Finding("package-of-any-version", "low", reason, tuple(language[:MAX_PLACES]), remedy, names)
    if system:
        reason = "packages of the distribution are installed in whatever version there is that day"
        remedy = "pin the base by digest and take packages from a snapshot, or name versions: PACKAGE=VERSION"
        yield Finding(
            "package-of-any-version", "info", reason, tuple(system[:MAX_PLACES]), remedy, ("hadolint: DL3008, DL3018",)
        )


def _installs_any(command: Command) -> str | None:
    """The installer, where it is given a package without a version."""
    words = list(command.argv)
    while words and words[0] in ("sudo", "env", "python", "python3", "-m", "-E"):
        words = words[1:]
    rule = INSTALLS.get(words[0].rpartition("/")[2]) if words else None
    if rule is None:
        return None
    verbs, pins, pinned = rule
    verb = next((index for index, word in enumerate(words) if word in verbs), None)
    if verb is None or any(word.split("=", 1)[0] in pins for word in words):
        return None
    names = [
        word
        for before, word in zip(words[verb:], words[verb + 1 :], strict=False)
        if not word.startswith("-") and before not in WITH_VALUE and "$" not in word and not word.startswith(("<", ">"))
    ]
    return words[0].rpartition("/")[2] if any(not pinned.search(name) for name in names) else None


def _other_builders(published: Published, tree: Tree) -> Iterator[Finding]:
    """A simple image that another builder could make without a Dockerfile; what that gives and what it costs."""
    stages = reached(published.dockerfile, published.stage)
    last = stages[0]
    shaped = any(one.name in ("RUN", "VOLUME", "HEALTHCHECK") for one in last.instructions)
    if _only_packages(last):
        builder = "apko makes images of apk packages alone, the same bytes each time, with an SBOM"
        cost = "there are no steps, so your own program must become a package first (melange)"
    elif shaped:
        return  # the system of the image is shaped here, which is what a Dockerfile is for
    elif _is_go(stages, tree):
        builder = "ko builds Go images without a Dockerfile, the same bytes each time, with an SBOM"
        cost = "it takes no system packages and no steps of your own"
    elif _is_java(stages, tree):
        builder = "Jib or Buildpacks build JVM images without a Dockerfile, reproducibly (Buildpacks with an SBOM)"
        cost = (
            "the base and the layers are theirs to choose, and Buildpacks trust a builder image, to be pinned by digest"
        )
    else:
        return
    reason = f"{builder}; the price: {cost}"
    remedy = "weigh it; none of them makes signed provenance, so attest the image's digest as before"
    yield Finding("builder-without-dockerfile", "info", reason, (place_of(published, last.line),), remedy)


def _only_packages(stage: Stage) -> bool:
    """Whether a stage stands on an image and all that it runs is `apk`."""
    if stage.base.stage is not None:
        return False
    found = [command for _, script in list(scripts_of(stage))[:MAX_SCRIPTS] for command in commands_of(script)]
    return bool(found) and all(command.program.rpartition("/")[2] in ("apk", "rm", "") for command in found)


def _is_go(stages: tuple[Stage, ...], tree: Tree) -> bool:
    text = _scripts(stages)
    small = SMALL.search(stages[0].base.text.lower()) is not None
    return (
        small and tree.exists("go.mod") and "CGO_ENABLED=1" not in text and re.search(r"\bgo build\b", text) is not None
    )


def _is_java(stages: tuple[Stage, ...], tree: Tree) -> bool:
    text = _scripts(stages) + " ".join(one.text for one in stages[0].instructions)
    project = any(tree.exists(name) for name in ("pom.xml", "build.gradle", "build.gradle.kts"))
    return project and re.search(r"\b(?:mvnw?|gradlew?)\b|\.jar\b", text) is not None


def _scripts(stages: tuple[Stage, ...]) -> str:
    return " ".join(script.text for stage in stages for _, script in scripts_of(stage))
