"""CI systems that are recognised by their files and not understood."""

from __future__ import annotations

import re

from slsacheck.evidence.pipelines.system import System

__all__ = ["RECOGNISED"]

SHAPES = (
    ("dagger", r"(?:.*/)?dagger\.json|\.dagger/.*"),
    ("appveyor", r"\.?appveyor\.ya?ml"),
    ("semaphore", r"\.semaphore/.*\.ya?ml"),
    ("codefresh", r"codefresh\.ya?ml|\.codefresh/.*\.ya?ml"),
    ("sourcehut", r"\.build\.ya?ml|\.builds/[^/]*\.ya?ml"),
    ("aws-codebuild", r"buildspec[\w.-]*\.ya?ml|(?:codebuild|\.codebuild)/.*\.ya?ml"),
    ("harness", r"\.harness/.*\.ya?ml"),
    ("teamcity", r"\.teamcity/.*\.kts"),
    ("zuul", r"\.?zuul\.ya?ml|\.?zuul\.d/.*\.ya?ml"),
    ("bazel-ci", r"\.bazelci/.*\.ya?ml"),
    ("hashicorp-crt", r"\.release/ci\.hcl"),
    ("expeditor", r"\.expeditor/config\.ya?ml"),
    ("evergreen", r"\.?evergreen\.ya?ml|\.evergreen/config\.ya?ml"),
    ("screwdriver", r"screwdriver\.ya?ml"),
    ("codemagic", r"codemagic\.ya?ml"),
    ("bitrise", r"bitrise\.ya?ml"),
    ("packit", r"\.?packit\.ya?ml"),
    ("forgejo-actions", r"\.(?:forgejo|gitea)/workflows/[^/]*\.ya?ml"),
)

RECOGNISED = tuple(System(name, re.compile(shape).fullmatch) for name, shape in SHAPES)
