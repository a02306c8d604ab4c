"""Which dependencies are written down: lock files by ecosystem, and manifests that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.model import Named, Place

if TYPE_CHECKING:
    from slsacheck.evidence.tree import Tree

__all__ = ["LOCKS", "inventory"]

LOCKS = {
    "package.json": (
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
    ),
    "go.mod": ("go.sum",),
    "Cargo.toml": ("Cargo.lock",),
    "pyproject.toml": ("poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "requirements.txt"),
    "Pipfile": ("Pipfile.lock",),
    "Gemfile": ("Gemfile.lock",),
    "composer.json": ("composer.lock",),
    "mix.exs": ("mix.lock",),
    "pubspec.yaml": ("pubspec.lock",),
    "Package.swift": ("Package.resolved",),
    "build.gradle": ("gradle.lockfile",),
    "build.gradle.kts": ("gradle.lockfile",),
    "flake.nix": ("flake.lock",),
    "MODULE.bazel": ("MODULE.bazel.lock",),
}
"""Manifest -> the files beside it that pin what it resolves to, transitive dependencies included."""


def inventory(tree: Tree) -> tuple[Named, ...]:
    """Each manifest at the top of the target, `live` where a lock file stands beside it; `note` names the lock file."""
    found = []
    for manifest, locks in LOCKS.items():
        if tree.exists(manifest):
            lock = next((name for name in locks if tree.exists(name)), "")
            at = (Place(path=lock or manifest, line=1),)
            found.append(Named(manifest, at, live=bool(lock), note=lock))
    return tuple(found)
