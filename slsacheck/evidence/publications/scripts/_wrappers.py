"""Programs that start another program: a table, read by `_unwrap`."""

from __future__ import annotations

from slsacheck.evidence.publications.scripts._call import option_names

__all__ = ["CONTAINER_VALUES", "COUNTED", "IMAGE_TOOLS", "PYTHON_MODULES", "RUNNERS", "RUNNER_VALUES", "SIMPLE"]

_WITH_VALUES = {
    "sudo": "-u -g -h -p -C --user --group",
    "doas": "-u",
    "env": "-u -C -S",
    "time": "-f -o",
    "nice": "-n",
    "ionice": "-c -n",
    "exec": "-a",
    "xargs": "-I -n -P -L -d -a -s --max-args --max-procs",
    "stdbuf": "-o -e -i",
    "dotenv": "-f -e",
    "npx": "-p --package -c",
    "bunx": "-p --package",
    "uvx": "--from --with --python -p --index --index-url",
    "xvfb-run": "-s -n",
}
_WITHOUT = option_names(
    "nohup command builtin setarch caffeinate unbuffer catchsegv winpty pnpx dumb-init tini chronic faketime "
    "corepack arch dbus-run-session"
)
SIMPLE: dict[str, frozenset[str]] = {
    **{name: option_names(options) for name, options in _WITH_VALUES.items()},
    **dict.fromkeys(_WITHOUT, frozenset[str]()),
}
"""Wrapper: options of its own that take the next word."""

COUNTED = {
    "timeout": option_names("-k -s --signal --kill-after"),
    "retry": option_names("-t -n -d -m -s"),
}
"""Wrappers whose first word may be a time or a count."""

RUNNERS = {
    **dict.fromkeys(
        ("poetry", "pdm", "pipenv", "rye", "conda", "mamba", "micromamba", "pixi", "pipx"), frozenset({"run"})
    ),
    **dict.fromkeys(("op", "doppler", "devbox", "infisical"), frozenset({"run"})),
    **dict.fromkeys(("bundle", "asdf", "rtx", "direnv", "rbenv", "pyenv", "chamber", "hermit"), frozenset({"exec"})),
    "uv": frozenset({"run", "tool"}),
    "hatch": frozenset({"run", "env"}),
    "npm": frozenset({"exec", "x"}),
    "pnpm": frozenset({"exec", "dlx"}),
    "yarn": frozenset({"dlx", "exec"}),
    "bun": frozenset({"x"}),
    "mise": frozenset({"exec", "x"}),
    "nix": frozenset({"run", "develop", "shell"}),
    "go": frozenset({"run", "tool"}),
    "dotnet": frozenset({"tool"}),
    "flox": frozenset({"activate"}),
}
"""Program: its subcommands behind which another command stands."""

RUNNER_VALUES = option_names(
    "--from --with --python -p --index --index-url --package --group --extra --env-file --env -c --filter -F "
    "--project --directory --config --modfile -modfile -mod -ldflags -tags --with-requirements -n --only-group "
    "--inputs-from -e"
)
PYTHON_MODULES = option_names(
    "build twine maturin flit poetry hatch pdm uv invoke nox tox cibuildwheel sigstore semantic_release"
)
"""Modules for which `python -m NAME` is the program of that name."""

IMAGE_TOOLS = {
    **{
        name: name
        for name in option_names(
            "goreleaser cosign crane skopeo buildah executor syft trivy oras twine maturin release-cli helm apko "
            "melange ko witness semantic-release"
        )
    },
    "goreleaser-cross": "goreleaser",
    "goreleaser-pro": "goreleaser",
    "kaniko": "executor",
    "gcrane": "crane",
    "jreleaser-slim": "jreleaser",
    "aws-cli": "aws",
}
"""Last part of an image's name: the tool that `docker run IMAGE` starts."""

CONTAINER_VALUES = option_names(
    "-v --volume -e --env -w --workdir -u --user --name --network --entrypoint --mount --platform --env-file -p "
    "--publish --cpus --memory -m --label -l --add-host --hostname -h --ulimit --tmpfs --device --security-opt "
    "--cap-add --volumes-from"
)
