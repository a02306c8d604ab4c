"""Python distributions: tools that build them and tools that upload them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import joined_path, option_names, unresolved
from slsacheck.evidence.publications.scripts.indirect import follow_file

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = ["READERS"]

_TWINE_VALUES = option_names(
    "-r --repository --repository-url -u --username -p --password -c --comment --config-file --cert --client-cert "
    "-i --identity --sign-with"
)
_UV_VALUES = option_names(
    "--publish-url --index --check-url -t --token -u --username -p --password --trusted-publishing "
    "--keyring-provider -o --out-dir --package --python --directory --project --config-file -C"
)
_POETRY_VALUES = option_names(
    "-r --repository -u --username -p --password --cert --client-cert --dist-dir -C --directory -f --format -o "
    "--output -P"
)
_HATCH_VALUES = option_names(
    "-r --repo -u --user -a --auth -o --option -p --publisher --ca-cert --client-cert -t --target"
)
_FLIT_VALUES = frozenset(["--format", "--repository", "--pypirc", "-f", "--ini-file"])
_MATURIN_VALUES = option_names(
    "-r --repository --repository-url -u --username -p --password -i --interpreter -m --manifest-path -o --out "
    "--target --features -F --compatibility --profile"
)
_PDM_VALUES = option_names("-r --repository -u --username -P --password -c --comment -d --dest -p --project --ca-certs")
_DRY = ("--dry-run", "-n")


def _published(call: Call, options: Options, what: tuple[str, ...], *, builds: bool = False) -> list[Act]:
    """The upload of wheels and an sdist; PEP 740 attestations come from an action, not from these tools."""
    if options.on(*_DRY):
        return []
    place = _where(call, options)
    facts = {"builds": "yes"} if builds else {}
    attests = "--attestations" in call.argv
    if attests:
        facts["publish_attestation"] = "yes"
    signs = "keyless" if attests else "key" if options.on("-s", "--sign") else None
    return [
        call.act(
            ActKind.PUBLISH,
            type="python-package",
            channel=place,
            what=what,
            provenance="no",
            signing=signs,
            facts=facts,
        )
    ]


def _where(call: Call, options: Options) -> str | None:
    """The index: pypi, testpypi, or the host of another one."""
    url = (
        options.value("--repository-url", "--publish-url")
        or call.env("TWINE_REPOSITORY_URL")
        or call.env("UV_PUBLISH_URL")
        or ""
    )
    named = (
        options.value("-r", "--repository", "--repo", "--index")
        or call.env("TWINE_REPOSITORY")
        or call.env("FLIT_INDEX_URL")
        or ""
    )
    text = url or named
    if not text:
        return "pypi"
    if re.search(r"test[._-]?pypi", text, re.IGNORECASE):
        return "testpypi"
    if "://" in text:
        from urllib.parse import urlsplit

        host = urlsplit(text).hostname if not unresolved(text.split("/")[2] if text.count("/") > 1 else text) else None
        return "pypi" if host and host.endswith("pypi.org") else host
    if re.search(r"pypi$|^pypi\b", text, re.IGNORECASE) or text in ("upload", "main", "release"):
        return "pypi"
    return _configured(call, text)


def _configured(call: Call, name: str) -> str | None:
    """The host behind a repository's name, as far as pyproject.toml tells."""
    path = joined_path(call.context.directory, "pyproject.toml")
    if not unresolved(name) and call.context.tree.exists(path):
        import tomllib
        from urllib.parse import urlsplit

        try:
            data = tomllib.loads(call.context.tree.text(path))
        except (SlsacheckError, ValueError, RecursionError):
            return name
        tool = data.get("tool")
        found = [item for table in ("poetry", "pdm", "uv") for item in _sources(tool, table)]
        for item in found:
            url = item.get("publish-url") or item.get("url")
            if item.get("name") == name and isinstance(url, str):
                host = urlsplit(url).hostname
                return "testpypi" if host and "test.pypi" in host else host
    return name if not unresolved(name) else None


def _sources(tool: object, table: str) -> list[dict[str, object]]:
    inner = tool.get(table) if isinstance(tool, dict) else None
    if not isinstance(inner, dict):
        return []
    listed = inner.get("index") if table == "uv" else inner.get("source")
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _twine(call: Call) -> list[Act]:
    if call.word(1) != "upload":
        return []
    options = call.options(2, _TWINE_VALUES)
    return _published(call, options, tuple(options.words) or ("dist/*",))


def _poetry(call: Call) -> list[Act]:
    options = call.options(2, _POETRY_VALUES)
    if call.word(1) == "publish":
        return _published(call, options, ("dist/*",), builds=options.on("--build"))
    return _built(call) if call.word(1) == "build" else []


def _built(call: Call, *what: str) -> list[Act]:
    return [call.act(ActKind.BUILD, type="python-package", what=what or ("dist/*",))]


def _flit(call: Call) -> list[Act]:
    if call.word(1) == "publish":
        return _published(call, call.options(2, _FLIT_VALUES), ("dist/*",), builds=True)
    return _built(call) if call.word(1) == "build" else []


def _uv(call: Call) -> list[Act]:
    options = call.options(2, _UV_VALUES)
    if call.word(1) == "publish":
        return _published(call, options, tuple(options.words) or ("dist/*",))
    if call.word(1) == "build":
        return _built(call, f"{options.value('-o', '--out-dir') or 'dist'}/*")
    return []


def _hatch(call: Call) -> list[Act]:
    if call.word(1) == "publish":
        options = call.options(2, _HATCH_VALUES)
        return _published(call, options, tuple(options.words) or ("dist/*",))
    return _built(call) if call.word(1) == "build" else []


def _maturin(call: Call) -> list[Act]:
    options = call.options(2, _MATURIN_VALUES)
    if call.word(1) == "publish":
        return _published(call, options, ("target/wheels/*",), builds=True)
    if call.word(1) == "upload":
        return _published(call, options, tuple(options.words) or ("target/wheels/*",))
    return (
        _built(call, f"{options.value('-o', '--out') or 'target/wheels'}/*")
        if call.word(1) in ("build", "sdist")
        else []
    )


def _pdm(call: Call) -> list[Act]:
    if call.word(1) in ("publish", "release"):
        options = call.options(2, _PDM_VALUES)
        return _published(call, options, ("dist/*",), builds=not options.on("--no-build"))
    return _built(call) if call.word(1) == "build" else []


def _rye(call: Call) -> list[Act]:
    if call.word(1) == "publish":
        options = call.options(2, _TWINE_VALUES)
        return _published(call, options, tuple(options.words) or ("dist/*",))
    return _built(call) if call.word(1) == "build" else []


def _build(call: Call) -> list[Act]:
    """`python -m build`."""
    options = call.options(1, frozenset({"-o", "--outdir", "-C", "--config-setting", "--installer"}))
    return _built(call, f"{options.value('-o', '--outdir') or 'dist'}/*")


def _python(call: Call) -> list[Act]:
    """`python setup.py sdist bdist_wheel [upload]`; another script of the repository is named, not read."""
    words = [word for word in call.argv[1:] if not word.startswith("-")]
    if words[:1] == ["setup.py"]:
        if "upload" in words:
            return _published(call, call.options(2, _TWINE_VALUES), ("dist/*",), builds=True)
        return _built(call) if {"sdist", "bdist_wheel", "bdist"} & set(words) else []
    if not words or not words[0].endswith(".py"):
        return []
    return follow_file(call, words[0], call.argv[call.argv.index(words[0]) + 1 :])


def _pip(call: Call) -> list[Act]:
    return _built(call, "*.whl") if call.word(1) == "wheel" else []


def _cibuildwheel(call: Call) -> list[Act]:
    return _built(call, "wheelhouse/*")


def _conda(call: Call) -> list[Act]:
    if call.word(1) == "upload":
        options = call.options(2, option_names("-t --token -u --user -l --label -c --channel"))
        return [call.publish("other", "anaconda.org", None, tuple(options.words))]
    return []


def _rattler(call: Call) -> list[Act]:
    if call.word(1) in ("upload", "publish"):
        return [call.publish("other", "anaconda.org" if "anaconda" in call.argv else "prefix.dev")]
    return []


def _semantic_release(call: Call) -> list[Act]:
    """python-semantic-release: `publish` attaches the distributions to the release on the forge."""
    if call.word(1) != "publish" or "--noop" in call.argv:
        return []
    return [call.publish("python-package", "github-release", None, ("dist/*",), builds="yes")]


READERS = {
    "twine": _twine,
    "poetry": _poetry,
    "flit": _flit,
    "uv": _uv,
    "hatch": _hatch,
    "maturin": _maturin,
    "pdm": _pdm,
    "rye": _rye,
    "pyproject-build": _build,
    "python": _python,
    "pip": _pip,
    "cibuildwheel": _cibuildwheel,
    **dict.fromkeys(("anaconda", "conda"), _conda),
    **dict.fromkeys(("pixi", "rattler-build"), _rattler),
    "semantic_release": _semantic_release,
}
