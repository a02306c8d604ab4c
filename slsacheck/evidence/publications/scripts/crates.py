"""Rust: cargo, cargo-dist, release-plz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = ["READERS"]

_VALUES = option_names(
    "-p --package --token --registry --index --manifest-path --target-dir --target -F --features -j --jobs "
    "--color --config -Z --exclude --bin --profile --message-format -C --prefix --tag-prefix -o --out-dir "
    "--allow-branch --git-token --workspace-metadata"
)


def _cargo(call: Call) -> list[Act]:
    start = 1
    while call.word(start).startswith(("+", "-")):
        start += 2 if call.word(start) in _VALUES else 1
    word = call.word(start)
    options = call.options(start + 1, _VALUES)
    if word == "publish":
        return _publish(call, options, builds="yes")
    if word in ("release", "workspaces", "ws"):
        return _release(call, word, options)
    if word in ("build", "b", "auditable", "zigbuild", "xbuild"):
        release = options.on("--release", "-r") or options.value("--profile") not in (None, "dev", "test")
        where = f"target/{options.value('--target') or ''}/release/*".replace("//", "/")
        return [call.act(ActKind.BUILD, type="binary", what=(where,))] if release else []
    if word in ("dist", "release-plz"):
        return _dist(call.from_word(start))
    return _packaged(call, word, options)


def _packaged(call: Call, word: str, options: Options) -> list[Act]:
    kinds = {"deb": ("os-package", "target/debian/*.deb"), "generate-rpm": ("os-package", "target/generate-rpm/*.rpm"),
             "wix": ("installer", "target/wix/*.msi"), "package": ("crate", "target/package/*.crate"),
             "bundle": ("installer", "target/release/bundle/*"), "packager": ("installer", "*")}  # fmt: skip
    if word in ("sbom", "cyclonedx"):
        return [call.act(ActKind.SBOM)]
    if word in kinds and not options.on("--list"):
        return [call.act(ActKind.BUILD, type=kinds[word][0], what=(kinds[word][1],))]
    return []


def _publish(call: Call, options: Options, **facts: str) -> list[Act]:
    if options.on("--dry-run", "-n"):
        return []
    registry = options.value("--registry", "--index")
    channel = "crates.io" if registry in (None, "crates-io") else None if unresolved(registry or "") else registry
    names = options.values("-p", "--package")
    if not names and not options.on("--workspace", "--all"):
        names = _names(call, options)
    expanded: tuple[str | None, ...] = tuple(choice for name in names for choice in call.choices(name))
    return [call.publish("crate", channel, name, facts=facts) for name in (expanded or (None,))]


def _names(call: Call, options: Options) -> tuple[str, ...]:
    """The name in Cargo.toml."""
    path = joined_path(call.context.directory, options.value("--manifest-path") or "Cargo.toml")
    if not call.context.tree.exists(path):
        return ()
    import tomllib

    try:
        package = tomllib.loads(call.context.tree.text(path)).get("package")
    except (SlsacheckError, ValueError, RecursionError):
        return ()
    name = package.get("name") if isinstance(package, dict) else None
    return (name,) if isinstance(name, str) else ()


def _release(call: Call, word: str, options: Options) -> list[Act]:
    """`cargo release` runs dry unless told `--execute`; `cargo workspaces publish`."""
    if word == "release":
        if (
            not options.on("--execute", "-x")
            or options.on("--no-publish")
            or options.words[:1] in (["changes"], ["tag"], ["push"], ["version"])
        ):
            return []
        return _publish(call, options, builds="yes")
    return _publish(call, options, builds="yes") if options.words[:1] == ["publish"] else []


def _dist(call: Call) -> list[Act]:
    """cargo-dist: `dist build` builds; `dist host --steps=upload` keeps files for the announcement."""
    word = call.word(1)
    if word == "build":
        return [call.act(ActKind.BUILD, type="archive", what=("target/distrib/*",))]
    return []


def _release_plz(call: Call) -> list[Act]:
    if call.word(1) != "release" or "--dry-run" in call.argv:
        return []
    return [call.publish("crate", "crates.io", builds="yes")]


def _cross(call: Call) -> list[Act]:
    return [act for act in _cargo(call) if act.kind is ActKind.BUILD]


def _wasm_pack(call: Call) -> list[Act]:
    if call.word(1) != "publish":
        return []
    return [call.publish("npm-package", "npm", builds="yes")]


READERS = {
    "cargo": _cargo,
    "cross": _cross,
    **dict.fromkeys(("dist", "cargo-dist"), _dist),
    "release-plz": _release_plz,
    "wasm-pack": _wasm_pack,
}
