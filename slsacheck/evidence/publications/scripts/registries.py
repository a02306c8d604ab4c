"""Tools that copy, tag or push what lies in container registries, and builders that push images by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.scripts._call import option_names, unresolved
from slsacheck.evidence.publications.scripts.containers import image_acts, local_registry, told_in
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_CRANE_VALUES = option_names(
    "--platform -t --new_tag -o --image-refs -f --new_layer -b --base -p --repo -l --label -e --env -u --user "
    "--entrypoint"
)
_SKOPEO_VALUES = option_names(
    "--src-creds --dest-creds --creds --authfile --src-authfile --dest-authfile --format -f --digestfile "
    "--sign-by --src-cert-dir --dest-cert-dir --policy --registries.d --override-arch --override-os "
    "--override-variant --tmpdir --src-tls-verify= --retry-times --image-parallel-copies --multi-arch "
    "--dest-compress-format --command-timeout --sign-by-sigstore -a="
)
_ORAS_VALUES = option_names(
    "--annotation --annotation-file --artifact-type --config -u --username -p --password --export-manifest "
    "--image-spec --platform --format --concurrency --registry-config --from-registry-config --to-registry-config "
    "--identity-token -a -d --to-username --to-password"
)
_TKN_VALUES = option_names(
    "-f --filenames --annotate --label --ctime --remote-bearer --remote-username --remote-password"
)
_SCHEMES = regex(r"^(docker|oci)://")

_KEPT = regex(
    r"^(dir|oci|oci-archive|docker-archive|docker-daemon|containers-storage|ostree|sif|tarball|ocidir|ocifile):"
)
"""Transports that leave an image on the machine (containers-transports(5); regctl's layouts)."""


def _skopeo(call: Call) -> list[Act]:
    if call.word(1) not in ("copy", "sync"):
        return []
    options = call.options(2, _SKOPEO_VALUES)
    if options.on("--dry-run") or len(options.words) < 2:  # noqa: PLR2004 - source and destination
        return []
    target = options.words[-1]
    if (
        call.word(1) == "copy"
        and not target.startswith("docker://")
        and (_KEPT.match(target) or not unresolved(target))
    ):
        return []
    return image_acts(call, [_SCHEMES.sub("", target)], facts=_source(options.words[0]) | told_in(options))


def _source(text: str) -> dict[str, str]:
    """An image that comes from a registry already carries what it was built with."""
    reference = _SCHEMES.sub("", text)
    return {"copied_from": image_name(reference)} if "://" not in reference and "docker" in text[:10] else {}


def _crane(call: Call) -> list[Act]:
    word, options = call.word(1), call.options(2, _CRANE_VALUES)
    words = options.words
    if word == "push" and len(words) > 1:
        return image_acts(call, words[1:2])
    if word in ("copy", "cp") and len(words) > 1:
        return image_acts(call, words[1:2], copied_from=image_name(words[0]))
    if word == "tag" and len(words) > 1:
        return image_acts(call, words[:1], tagged="yes")
    if word in ("append", "mutate", "rebase", "flatten"):
        return image_acts(call, options.values("-t", "--new_tag", "--tag")[-1:] or words[:1], builds="yes")
    if word == "index" and call.word(2) in ("append", "filter"):
        return image_acts(call, options.values("-t", "--tags")[-1:], index="yes")
    return []


def _tkn(call: Call) -> list[Act]:
    """`tkn bundle push REF -f FILE`: Tekton tasks and pipelines as an image that holds nothing else."""
    if (call.word(1), call.word(2)) != ("bundle", "push"):
        return []
    return image_acts(call, call.options(3, _TKN_VALUES).words[:1], builds="yes")


def _regctl(call: Call) -> list[Act]:
    if (call.word(1), call.word(2)) == ("image", "mod"):
        options = call.options(3, frozenset({"--create"}))
        changed = options.words[:1] if options.on("--replace") or options.value("--create") else []
        changed = [name for name in changed if not _KEPT.match(name)]
        return image_acts(call, changed, builds="yes")
    if (call.word(1), call.word(2)) not in (
        ("image", "copy"),
        ("image", "import"),
        ("index", "create"),
        ("artifact", "put"),
    ):
        return []
    words = call.options(3, frozenset({"--ref", "--platform", "-f", "--file", "--artifact-type"})).words
    target = words[-1:] if call.word(1) == "artifact" or call.word(2) == "copy" else words[:1]
    if any(map(_KEPT.match, target)):
        return []
    if call.word(1) == "artifact":
        return [_artifact(call, word) for word in target]
    return image_acts(call, target)


def _oras(call: Call) -> list[Act]:
    options = call.options(2, _ORAS_VALUES)
    words = options.words
    if options.on("--oci-layout") or options.on("--to-oci-layout"):
        return []
    if call.word(1) == "push" and words:
        return [] if local_registry(words[0]) else [_artifact(call, words[0], tuple(words[1:]))]
    if call.word(1) in ("cp", "copy") and len(words) > 1:
        return [] if local_registry(words[1]) else [_artifact(call, words[1])]
    if call.word(1) == "attach":
        kind = options.value("--artifact-type") or ""
        made = ActKind.SBOM if re.search("spdx|cyclonedx|sbom", kind) else ActKind.SIGN
        return (
            [call.act(made, name=image_name(words[0]) if words else None, what=tuple(words[1:]))]
            if "in-toto" not in kind
            else []
        )
    return []


def _flux(call: Call) -> list[Act]:
    """`flux push artifact oci://…`: manifests in a registry."""
    words = call.options(3, option_names("-f --path --source --revision --creds --provider --annotations")).words
    if (call.word(1), call.word(2)) != ("push", "artifact") or not words or local_registry(words[0]):
        return []
    return [_artifact(call, words[0])]


def _timoni(call: Call) -> list[Act]:
    """`timoni mod push DIR oci://…`, `timoni artifact push oci://… -f DIR`: modules in a registry."""
    words = call.options(3, option_names("-f --filepath -v --version -a --annotations --sign -t --tag --creds")).words
    if call.word(2) != "push" or not words or local_registry(words[-1]):
        return []
    return [_artifact(call, words[-1])]


def _artifact(call: Call, reference: str, what: tuple[str, ...] = ()) -> Act:
    chart = any("helm" in word for word in call.argv)
    return call.publish("helm-chart" if chart else "other", channel_of_image(reference), image_name(reference), what)


def _imgpkg(call: Call) -> list[Act]:
    options = call.options(2, option_names("-i --image -b --bundle -f --file --to-repo"))
    names = options.values("-i", "--image", "-b", "--bundle") if call.word(1) == "push" else options.values("--to-repo")
    return image_acts(call, names) if call.word(1) in ("push", "copy") else []


def _ctr(call: Call) -> list[Act]:
    words = [word for word in call.argv[1:] if not word.startswith("-")]
    index = words.index("push") if "push" in words else -1
    return (
        image_acts(call, words[index + 1 : index + 2])
        if index >= 0 and words[:1] in (["images"], ["image"], ["i"])
        else []
    )


READERS = {
    "tkn": _tkn,
    "skopeo": _skopeo,
    **dict.fromkeys(("crane", "gcrane"), _crane),
    "regctl": _regctl,
    "oras": _oras,
    "flux": _flux,
    "timoni": _timoni,
    "imgpkg": _imgpkg,
    "ctr": _ctr,
}
