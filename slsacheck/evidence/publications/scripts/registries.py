"""Tools that copy, tag or push what lies in container registries, and builders that push images by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import channel_of_image, image_name
from slsacheck.evidence.publications.scripts._call import joined_path, unresolved
from slsacheck.evidence.publications.scripts.containers import image_acts, local_registry

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_CRANE_VALUES = frozenset(
    [
        "--platform",
        "-t",
        "--new_tag",
        "-o",
        "--image-refs",
        "-f",
        "--new_layer",
        "-b",
        "--base",
        "-p",
        "--repo",
        "-l",
        "--label",
        "-e",
        "--env",
        "-u",
        "--user",
        "--entrypoint",
    ]
)
_SKOPEO_VALUES = frozenset(
    [
        "--src-creds",
        "--dest-creds",
        "--creds",
        "--authfile",
        "--src-authfile",
        "--dest-authfile",
        "--format",
        "-f",
        "--digestfile",
        "--sign-by",
        "--src-cert-dir",
        "--dest-cert-dir",
        "--policy",
        "--registries.d",
        "--override-arch",
        "--override-os",
        "--override-variant",
        "--tmpdir",
        "--src-tls-verify=",
        "--retry-times",
        "--image-parallel-copies",
        "--multi-arch",
        "--dest-compress-format",
        "--command-timeout",
        "--sign-by-sigstore",
        "-a=",
    ]
)
_ORAS_VALUES = frozenset(
    [
        "--annotation",
        "--annotation-file",
        "--artifact-type",
        "--config",
        "-u",
        "--username",
        "-p",
        "--password",
        "--export-manifest",
        "--image-spec",
        "--platform",
        "--format",
        "--concurrency",
        "--registry-config",
        "--from-registry-config",
        "--to-registry-config",
        "--identity-token",
        "-a",
        "-d",
        "--to-username",
        "--to-password",
    ]
)
_KO_VALUES = frozenset(
    [
        "-t",
        "--tags",
        "--platform",
        "--image-refs",
        "--image-label",
        "--image-annotation",
        "--sbom",
        "--sbom-dir",
        "--tarball",
        "-f",
        "--filename",
        "-j",
        "--jobs",
        "--oci-layout-path",
        "--image-user",
        "--debug=",
        "-l",
        "--selector",
        "--tag-only=",
        "--ldflags",
        "--annotation",
    ]
)
_SCHEMES = re.compile(r"^(docker|oci)://")


def _skopeo(call: Call) -> list[Act]:
    if call.word(1) not in ("copy", "sync"):
        return []
    options = call.options(2, _SKOPEO_VALUES)
    if options.on("--dry-run") or len(options.words) < 2:  # noqa: PLR2004 - source and destination
        return []
    target = options.words[-1]
    if call.word(1) == "copy" and not target.startswith("docker://") and not unresolved(target):
        return []
    return image_acts(call, [_SCHEMES.sub("", target)], facts=_source(options.words[0]))


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


def _regctl(call: Call) -> list[Act]:
    if (call.word(1), call.word(2)) not in (
        ("image", "copy"),
        ("image", "import"),
        ("index", "create"),
        ("artifact", "put"),
    ):
        return []
    words = call.options(3, frozenset({"--ref", "--platform", "-f", "--file", "--artifact-type"})).words
    if call.word(1) == "artifact":
        return [_artifact(call, words[-1])] if words else []
    return image_acts(call, words[-1:] if call.word(2) == "copy" else words[:1])


def _oras(call: Call) -> list[Act]:
    options = call.options(2, _ORAS_VALUES)
    words = options.words
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


def _artifact(call: Call, reference: str, what: tuple[str, ...] = ()) -> Act:
    chart = any("helm" in word for word in call.argv)
    return call.publish("helm-chart" if chart else "other", channel_of_image(reference), image_name(reference), what)


def _imgpkg(call: Call) -> list[Act]:
    options = call.options(2, frozenset({"-i", "--image", "-b", "--bundle", "-f", "--file", "--to-repo"}))
    names = options.values("-i", "--image", "-b", "--bundle") if call.word(1) == "push" else options.values("--to-repo")
    return image_acts(call, names) if call.word(1) in ("push", "copy") else []


def _ko(call: Call) -> list[Act]:
    word = call.word(1)
    if word not in ("build", "publish", "resolve", "apply", "create", "run"):
        return []
    options = call.options(2, _KO_VALUES)
    target = call.env("KO_DOCKER_REPO")
    local = options.on("-L", "--local") or target in ("ko.local", "kind.local")
    if local or options.flag("--push") == "no":
        return [call.act(ActKind.BUILD, type="container-image")]
    if word in ("apply", "create", "run") and (target is None or local_registry(target)):
        return []
    inventory = options.value("--sbom") or "spdx"
    facts = {"builds": "yes", "sbom": "" if inventory == "none" else "yes"}
    paths = [path.rstrip("/").rsplit("/", 1)[-1] for path in options.words if path not in (".", "./", "./...")]
    if target is None:
        return [call.act(ActKind.PUBLISH, type="container-image", name="$KO_DOCKER_REPO", provenance="no", facts=facts)]
    bare = options.on("--bare", "-B", "--base-import-paths") and not options.on("-B", "--base-import-paths")
    names = (
        [target]
        if bare or (word != "build" and word != "publish") or not paths
        else [f"{target}/{path}" for path in paths]
    )
    return image_acts(call, names, provenance="no", facts=facts)


def _kaniko(call: Call) -> list[Act]:
    options = call.options(
        1,
        frozenset(
            ["--destination", "-d", "--dockerfile", "-f", "--context", "-c", "--build-arg", "--cache-repo", "--target"]
        ),
    )
    if options.on("--no-push", "--no-push-cache") and options.flag("--no-push") == "yes":
        return []
    return image_acts(call, options.values("--destination", "-d"), provenance="no", builds="yes")


def _pack(call: Call) -> list[Act]:
    if call.word(1) == "build":
        options = call.options(
            2,
            frozenset(
                [
                    "--builder",
                    "-B",
                    "--path",
                    "-p",
                    "--env",
                    "-e",
                    "--tag",
                    "-t",
                    "--buildpack",
                    "-b",
                    "--descriptor",
                    "-d",
                    "--run-image",
                    "--cache",
                    "--sbom-output-dir",
                    "--network",
                    "--volume",
                    "--platform",
                    "--creation-time",
                    "--env-file",
                    "--extension",
                    "--cache-image",
                    "--lifecycle-image",
                    "--pull-policy",
                    "--workspace",
                    "--gid",
                    "--uid",
                    "--default-process",
                ]
            ),
        )
        if not options.on("--publish"):
            return [call.act(ActKind.BUILD, type="container-image", name=next(iter(options.words), None))]
        return image_acts(
            call, [*options.words[:1], *options.values("--tag", "-t")], provenance="no", builds="yes", sbom="yes"
        )
    if call.word(2) in ("package", "create") and call.word(1) in ("buildpack", "builder", "extension"):
        options = call.options(
            3,
            frozenset(
                [
                    "-c",
                    "--config",
                    "-f",
                    "--format",
                    "--path",
                    "-p",
                    "--target",
                    "-t",
                    "--flatten",
                    "--label",
                    "--run-image",
                    "--stack-id",
                ]
            ),
        )
        if options.on("--publish"):
            return image_acts(call, options.words[:1], provenance="no", builds="yes")
    return []


def _apko(call: Call) -> list[Act]:
    if call.word(1) != "publish":
        return []
    values = frozenset(["--arch", "--sbom-path", "--image-refs", "--annotations", "--keyring-append", "-k", "--repository-append", "-r", "--build-repository-append", "--package-append", "-p", "--cache-dir", "--workdir", "--lockfile", "--debug", "--stage-tags", "--log-level", "--log-policy"])  # fmt: skip
    options = call.options(2, values)
    return image_acts(
        call, options.words[1:], provenance="no", builds="yes", sbom="" if options.flag("--sbom") == "no" else "yes"
    )


def _melange(call: Call) -> list[Act]:
    return [call.act(ActKind.BUILD, type="os-package", what=("packages/*.apk",))] if call.word(1) == "build" else []


def _buildctl(call: Call) -> list[Act]:
    if call.word(1) != "build":
        return []
    options = call.options(
        2,
        frozenset(
            [
                "--output",
                "-o",
                "--opt",
                "--local",
                "--frontend",
                "--import-cache",
                "--export-cache",
                "--secret",
                "--ssh",
                "--metadata-file",
            ]
        ),
    )
    pushed = [value for value in options.values("--output", "-o") if "push=true" in value or "type=registry" in value]
    attests = [value for value in options.values("--opt") if "attest:provenance" in value]
    makes = "yes" if attests and not any("disabled=true" in value for value in attests) else "no"
    names = [match[1] for value in pushed if (match := re.search(r"(?:^|,)name=\"?([^,\"]+)", value))]
    return image_acts(call, names, provenance=makes, root="buildkit" if makes == "yes" else None, builds="yes")


def _ctr(call: Call) -> list[Act]:
    words = [word for word in call.argv[1:] if not word.startswith("-")]
    index = words.index("push") if "push" in words else -1
    return (
        image_acts(call, words[index + 1 : index + 2])
        if index >= 0 and words[:1] in (["images"], ["image"], ["i"])
        else []
    )


def _werf(call: Call) -> list[Act]:
    options = call.options(2, frozenset({"--repo", "--final-repo", "--add-custom-tag", "--tag", "--to"}))
    names = options.values("--final-repo") or options.values("--repo", "--to")
    pushes = call.word(1) in ("build", "export", "converge", "publish") or (call.word(1), call.word(2)) == (
        "bundle",
        "publish",
    )
    return image_acts(call, names, provenance="no", builds="yes") if pushes else []


def _skaffold(call: Call) -> list[Act]:
    """`skaffold build` pushes to the default repository unless told not to; the images are in skaffold.yaml."""
    options = call.options(
        2,
        frozenset(
            {"-d", "--default-repo", "-f", "--filename", "-p", "--profile", "-t", "--tag", "--file-output", "-q", "-b"}
        ),
    )
    if (
        call.word(1) != "build"
        or options.flag("--push") == "no"
        or (options.flag("--push") is None and not options.values("-d", "--default-repo"))
    ):
        return []
    where = options.value("-d", "--default-repo") or "skaffold.yaml"
    return image_acts(call, [where], provenance="no", builds="yes")


def _earthly(call: Call) -> list[Act]:
    """`earthly --push +target`: what SAVE IMAGE --push in the Earthfile names."""
    options = call.options(
        1, frozenset({"--build-arg", "--secret", "-a", "--platform", "--cache-from", "--remote-cache"})
    )
    if not options.on("--push", "--ci-push") and "--push" not in call.argv:
        return []
    path = joined_path(call.context.directory, "Earthfile")
    names: list[str] = []
    if call.context.tree.exists(path):
        text = call.context.tree.text(path)
        for match in re.finditer(
            r"^[ \t]*SAVE IMAGE[ \t]+(?:--[\w=-]+[ \t]+)*--push[ \t]+(?:--[\w=-]+[ \t]+)*([^\n#]{1,500})",
            text,
            re.MULTILINE,
        ):
            names += match[1].split()
    return image_acts(call, dict.fromkeys(names), provenance="no", builds="yes")


def _s2i(call: Call) -> list[Act]:
    return [call.act(ActKind.BUILD, type="container-image")] if call.word(1) == "build" else []


READERS = {
    "skopeo": _skopeo,
    **dict.fromkeys(("crane", "gcrane"), _crane),
    "regctl": _regctl,
    "oras": _oras,
    "imgpkg": _imgpkg,
    "ko": _ko,
    **dict.fromkeys(("executor", "kaniko"), _kaniko),
    "pack": _pack,
    "apko": _apko,
    "melange": _melange,
    "buildctl": _buildctl,
    "ctr": _ctr,
    "werf": _werf,
    "skaffold": _skaffold,
    "earthly": _earthly,
    "s2i": _s2i,
}
