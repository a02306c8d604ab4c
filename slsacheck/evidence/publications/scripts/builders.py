"""Builders that push the images that they make: ko, kaniko, Buildpacks, apko, BuildKit's own client and others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import image_name
from slsacheck.evidence.publications.scripts._call import option_names, unresolved
from slsacheck.evidence.publications.scripts.containers import image_acts, local_registry, told_in

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]

_KO_VALUES = option_names(
    "-t --tags --platform --image-refs --image-label --image-annotation --sbom --sbom-dir --tarball -f --filename "
    "-j --jobs --oci-layout-path --image-user --debug= -l --selector --tag-only= --ldflags --annotation"
)


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
        [target] if bare or (word not in ("build", "publish")) or not paths else [f"{target}/{path}" for path in paths]
    )
    return image_acts(call, names, provenance="no", facts=facts)


def _kaniko(call: Call) -> list[Act]:
    options = call.options(
        1,
        option_names("--destination -d --dockerfile -f --context -c --build-arg --cache-repo --target --digest-file"),
    )
    read = _recipe(
        call,
        options.value("--dockerfile", "-f"),
        options.value("--context", "-c"),
        stage=options.value("--target") or "",
        arguments=options.values("--build-arg"),
    )
    facts = {"builds": "yes", "made-by": "kaniko", **read, **told_in(options)}
    if options.flag("--no-push") == "yes":
        return []
    return image_acts(call, options.values("--destination", "-d"), provenance="no", facts=facts)


def _recipe(
    call: Call, file: str | None, context: str | None, *, stage: str, arguments: tuple[str, ...]
) -> dict[str, str]:
    """Which Dockerfile is read, as facts."""
    from slsacheck.evidence.publications.recipes import recipe

    tree, directory = call.context.tree, call.context.directory
    return recipe(tree, directory, files=[file or ""], contexts=[context or ""], stage=stage, arguments=arguments)


def _pack(call: Call) -> list[Act]:
    if call.word(1) == "build":
        options = call.options(
            2,
            option_names(
                "--builder -B --path -p --env -e --tag -t --buildpack -b --descriptor -d --run-image --cache "
                "--sbom-output-dir --network --volume --platform --creation-time --env-file --extension "
                "--cache-image --lifecycle-image --pull-policy --workspace --gid --uid --default-process"
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
            option_names("-c --config -f --format --path -p --target -t --flatten --label --run-image --stack-id"),
        )
        if options.on("--publish"):
            return image_acts(call, options.words[:1], provenance="no", builds="yes")
    return []


def _apko(call: Call) -> list[Act]:
    if call.word(1) != "publish":
        return []
    values = option_names(
        "--arch --sbom-path --image-refs --annotations --keyring-append -k --repository-append -r "
        "--build-repository-append --package-append -p --cache-dir --workdir --lockfile --stage-tags "
        "--log-level --log-policy"
    )  # fmt: skip
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
        option_names(
            "--output -o --opt --local --frontend --import-cache --export-cache --secret --ssh --metadata-file"
        ),
    )
    pushed = [value for value in options.values("--output", "-o") if "push=true" in value or "type=registry" in value]
    attests = [value for value in options.values("--opt") if "attest:provenance" in value]
    makes = "yes" if attests and not any("disabled=true" in value for value in attests) else "no"
    names = [match[1] for value in pushed if (match := re.search(r"(?:^|,)name=\"?([^,\"]+)", value))]
    said = dict(value.partition("=")[::2] for value in options.values("--opt"))
    local = dict(value.partition("=")[::2] for value in options.values("--local"))
    folder = local.get("dockerfile", ".")
    arguments = tuple(
        f"{name.removeprefix('build-arg:')}={said[name]}" for name in said if name.startswith("build-arg:")
    )
    file = f"{folder}/{said.get('filename', 'Dockerfile')}"
    read = _recipe(call, file, folder, stage=said.get("target", ""), arguments=arguments)
    facts = {"builds": "yes", "made-by": "buildkit", **read}
    return image_acts(call, names, provenance=makes, root="buildkit" if makes == "yes" else None, facts=facts)


def _skaffold(call: Call) -> list[Act]:
    """`skaffold build` pushes to the default repository unless told not to; the images are in skaffold.yaml."""
    options = call.options(
        2,
        option_names("-d --default-repo -f --filename -p --profile -t --tag --file-output -q -b"),
    )
    if (
        call.word(1) != "build"
        or options.flag("--push") == "no"
        or (options.flag("--push") is None and not options.values("-d", "--default-repo"))
    ):
        return []
    from slsacheck.evidence.publications.scripts._skaffold import acts_of_skaffold

    where = options.value("-d", "--default-repo") or ""
    found = acts_of_skaffold(call, options.values("-f", "--filename"), where)
    return found or image_acts(call, [where or "skaffold.yaml"], provenance="no", builds="yes")


def _s2i(call: Call) -> list[Act]:
    """`s2i build SOURCE BUILDER TAG`: an image that another tool pushes; `--as-dockerfile` makes none."""
    values = option_names(
        "--ref -r --context-dir --env -e --environment-file -E --scripts-url -s --as-dockerfile --image-scripts-url "
        "--inject -i --network --pull-policy -p --runtime-image --runtime-artifact --assemble-user --volume -v "
        "--exclude --description --callback-url --cap-drop --destination -d --loglevel --url -U --build-volume"
    )
    options = call.options(2, values)
    if call.word(1) != "build" or options.all("--as-dockerfile"):
        return []
    name = options.words[2] if len(options.words) > 2 else ""  # noqa: PLR2004 - the third word is the tag
    named = image_name(name) if name and not unresolved(name) else None
    facts = {"made-by": "s2i"}
    return [call.act(ActKind.BUILD, type="container-image", name=named, what=(name,) if name else (), facts=facts)]


READERS = {
    "ko": _ko,
    **dict.fromkeys(("executor", "kaniko"), _kaniko),
    "pack": _pack,
    "apko": _apko,
    "melange": _melange,
    **dict.fromkeys(("buildctl", "buildctl-daemonless.sh"), _buildctl),
    "skaffold": _skaffold,
    "s2i": _s2i,
}
