"""docker, podman, buildah and nerdctl: images that are built and pushed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.digests import DIGEST_FILES, ID_FILE
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.scripts._call import false_word, option_names, unresolved
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slsacheck.evidence.publications.scripts._call import Call, Options
    from slsacheck.model import Place

__all__ = ["READERS", "buildkit_provenance", "image_acts", "local_registry", "told_in"]

_LOCAL = regex(
    r"^(localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|registry|kind-registry|k3d-[\w.-]+|host\.docker\.internal|[\w.-]+\.(local|localhost|test))"
    r"(:\d+)?/|^[a-z][\w-]*:\d+/|^ttl\.sh/",
    re.IGNORECASE,
)
_BUILD_VALUES = option_names(
    "-t --tag -f --file --platform --build-arg --secret --ssh --label --target --output -o --cache-from "
    "--cache-to --builder --progress --provenance= --attest --network --add-host --iidfile --metadata-file "
    "--build-context --annotation --allow --cgroup-parent --memory -m --cpus --isolation --format --authfile "
    "--manifest --jobs --layers= --volume -v --arch --os --pull= --squash="
)
_PUSH_VALUES = option_names(
    "--authfile --creds --tls-verify --format -f --digestfile --sign-by --cert-dir --compression-format "
    "--platform --encryption-key --retry"
)
_CREATE_VALUES = option_names("-t --tag -f --file --builder --annotation --metadata-file --progress")
_MAX_CONTEXTS = 5  # words of a build that are tried as its context; there is one
_GLOBAL_VALUES = option_names("--config -c --context -H --host -l --log-level --root --connection --log-driver")


def local_registry(reference: str) -> bool:
    """Whether an image goes to a registry of the test's own, or one that forgets what it gets."""
    return _LOCAL.match(image_name(reference) + "/") is not None


def image_acts(
    call: Call,
    references: Iterable[str],
    *,
    at: Place | None = None,
    provenance: str | None = None,
    root: str | None = None,
    facts: Mapping[str, str] | None = None,
    **more: str,
) -> list[Act]:
    """A publication for each repository among these references, test registries left out."""
    names: dict[str, list[str]] = {}
    for reference in references:
        for choice in call.choices(reference):
            if choice and not local_registry(choice):
                names.setdefault(image_name(choice), []).append(choice)
    return [
        call.act(
            ActKind.PUBLISH,
            type="container-image",
            channel=_channel(name),
            name=name,
            what=tuple(dict.fromkeys(tags)),
            at=at,
            provenance=provenance,
            root=root,
            facts={**(facts or {}), **more},
        )
        for name, tags in names.items()
    ]


def _channel(name: str) -> str | None:
    """The registry; None where the name begins with something that only a run can tell."""
    if name.startswith("$") and "/" not in name:
        return channel_of_image(name + "/x")
    return channel_of_image(name)


def buildkit_provenance(call: Call, options: Options) -> str:
    """Whether `docker buildx build --push` attests: yes by default, unless a flag or the environment says no."""
    for option in options.all("--attest"):
        if option.value and "type=provenance" in option.value:
            return "no" if "disabled=true" in option.value else "yes"
    stated = options.all("--provenance")
    if stated:
        value = stated[-1].value or "true"
        if stated[-1].index in call.uncertain or unresolved(value):
            return "unknown"
        return "no" if false_word(value) or "disabled=true" in value else "yes"
    off = call.env("BUILDX_NO_DEFAULT_ATTESTATIONS")
    return "no" if off and not false_word(off) else "yes"


def _docker(call: Call) -> list[Act]:
    start = 1
    while call.word(start).startswith("-"):
        start += 2 if call.word(start) in _GLOBAL_VALUES else 1
    word = call.word(start)
    if word in ("image", "builder") and call.word(start + 1) in ("push", "build"):
        start, word = start + 1, call.word(start + 1)
    handler = {
        "push": _push,
        "build": _build,
        "buildx": _buildx,
        "manifest": _manifest,
        "compose": _compose,
        "login": _nothing,
    }.get(word)
    return handler(call, start + 1) if handler is not None else []


def _nothing(_call: Call, _start: int) -> list[Act]:
    return []


def _push(call: Call, start: int) -> list[Act]:
    options = call.options(start, _PUSH_VALUES)
    if not options.words:
        return []
    target = options.words[-1] if call.program in ("buildah", "podman") and len(options.words) > 1 else options.words[0]
    if re.match(r"^(dir|oci|oci-archive|docker-archive|docker-daemon|containers-storage):", target):
        return []
    words = [target] if call.program in ("buildah", "podman") else options.words
    if any(word.startswith("$") for word in words):
        from slsacheck.evidence.publications.scripts._niximages import loaded_image

        words = [loaded_image(call, word) for word in words]
    return image_acts(call, words, provenance=None, facts=told_in(options))


def _build(call: Call, start: int) -> list[Act]:
    options = call.options(start, _BUILD_VALUES)
    outputs = options.values("--output", "-o")
    pushes = options.flag("--push") or next((_output_pushes(value) for value in outputs if _output_pushes(value)), None)
    tags = options.values("-t", "--tag")
    read = _recipe(call, options) | told_in(options)
    if pushes in (None, "no"):
        built = tags[:1] or options.values("--manifest")[:1]
        name = image_name(built[0]) if built else None
        return [call.act(ActKind.BUILD, type="container-image", name=name, what=tags, facts=read)]
    names = tags or tuple(match[1] for value in outputs if (match := re.search(r"(?:^|,)name=([^,]+)", value)))
    makes = buildkit_provenance(call, options) if call.program in ("docker", "depot", "nerdctl") else None
    line = str(options.place("--provenance", "--attest").line) if options.all("--provenance", "--attest") else ""
    found = image_acts(
        call,
        names or ("",),
        at=options.place("--push", "--output", "-o"),
        provenance=makes,
        root="buildkit" if makes in ("yes", "unknown") else None,
        facts=read,
        builds="yes",
        provenance_line=line,
        sbom="yes" if options.on("--sbom") or any("type=sbom" in value for value in options.values("--attest")) else "",
        by_digest="yes" if any("push-by-digest=true" in value for value in outputs) else "",
        asked=" ".join(options.values("--provenance", "--attest")),
        uses_line=str(call.at.line or ""),
    )
    if found or names:
        return found
    return [
        call.act(
            ActKind.PUBLISH,
            type="container-image",
            provenance=makes,
            root="buildkit" if makes == "yes" else None,
            facts=read,
            builds="yes",
        )
    ]


def told_in(options: Options) -> dict[str, str]:
    """The files that a builder writes the digest or the id of its image to, as facts."""
    digests = options.values(*DIGEST_FILES)
    several = "," in (options.value("--platform") or "")  # then it is the digest of the index that is told
    return {"digest-file": "\n".join(digests), "id-file": "" if several else options.value(ID_FILE) or ""}


def _recipe(call: Call, options: Options) -> dict[str, str]:
    """Which Dockerfile a build reads, as facts; its context is the first word that leads to one (`$ARGS .`)."""
    from slsacheck.evidence.publications.recipes import recipe

    for word in options.words[:_MAX_CONTEXTS] or ["."]:
        found = recipe(
            call.context.tree,
            call.context.directory,
            files=[choice for file in options.values("-f", "--file") for choice in call.choices(file)],
            contexts=call.choices(word),
            stage=options.value("--target") or "",
            arguments=options.values("--build-arg"),
            names=options.values("--build-context"),
        )
        if found:
            return found
    return {}


def _output_pushes(value: str) -> str | None:
    if value.split(",", maxsplit=1)[0] in ("type=registry", "registry") or "push=true" in value:
        return "yes"
    return "maybe" if "push=$" in value or "push={{" in value else None


_BUILDAH_VALUES = option_names(
    "--storage-driver --storage-opt --root --runroot --log-level --registries-conf --cgroup-manager"
)


def _buildx(call: Call, start: int) -> list[Act]:
    word = call.word(start)
    if word in ("build", "b"):
        return _build(call, start + 1)
    if word in ("bake", "f"):
        from slsacheck.evidence.publications.scripts._bake import acts_of_bake

        return acts_of_bake(call, start + 1)
    if word == "imagetools" and call.word(start + 1) == "create":
        options = call.options(start + 2, _CREATE_VALUES)
        if options.on("--dry-run"):
            return []
        return image_acts(call, options.values("-t", "--tag"), index="yes")
    return []


def _manifest(call: Call, start: int) -> list[Act]:
    if call.word(start) != "push":
        return []
    options = call.options(start + 1, _PUSH_VALUES)
    target = options.words[-1:] if call.program in ("buildah", "podman") else options.words[:1]
    return image_acts(call, [re.sub(r"^docker://", "", word) for word in target], index="yes", plain="yes")


def _compose(call: Call, start: int) -> list[Act]:
    """`docker compose push`, `docker compose build --push`: images named in the compose file."""
    options = call.options(start, option_names("-f --file -p --project-name --profile --env-file --project-directory"))
    pushes = "push" in options.words[:1] or (options.words[:1] == ["build"] and options.on("--push"))
    if not pushes:
        return []
    from slsacheck.evidence.publications.scripts._bake import images_of_compose

    images = images_of_compose(call, options.values("-f", "--file"), options.words[1:])
    makes = "yes" if options.words[0] == "build" else None
    root = "buildkit" if makes else None
    more = {"builds": "yes", "made-by": "buildkit"} if makes else {"made-by": "docker"}
    return [
        act
        for image, read in images.items()
        for act in image_acts(call, [image], provenance=makes, root=root, facts={**more, **read})
    ]


def _buildah(call: Call) -> list[Act]:
    start = 1
    while call.word(start).startswith(("-", "$")):  # options of every command, some in a variable
        start += 2 if call.word(start) in _BUILDAH_VALUES else 1
    word = call.word(start)
    if word == "push":
        return _push(call, start + 1)
    if word in ("bud", "build", "build-using-dockerfile"):
        return _build(call, start + 1)
    return _manifest(call, start + 1) if word == "manifest" else []


def _compose_alone(call: Call) -> list[Act]:
    return _compose(call, 1)


READERS = {
    **dict.fromkeys(("docker", "podman", "nerdctl", "img", "depot"), _docker),
    "buildah": _buildah,
    "docker-compose": _compose_alone,
}
