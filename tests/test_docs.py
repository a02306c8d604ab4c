"""The documentation is true: examples run, links lead somewhere, the help shown is the help there is."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from slsacheck import config, plugins
from slsacheck.catalog import load as load_catalogue
from slsacheck.cli.commands import COMMANDS, split
from slsacheck.cli.parsing import Parser
from slsacheck.config.reading import KEYS
from slsacheck.evidence.pipelines import claims, reading, registry
from slsacheck.evidence.pipelines.system import System

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
PAGES = [page for page in dict.fromkeys(PAGES) if ".venv" not in page.parts]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MAX_LINES = 10
"""Lines of code of an example: what the README promises."""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _between(text: str, mark: str) -> str:
    """What stands between `<!-- mark -->` and `<!-- /mark -->`, without the fence."""
    found = re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)```\n<!-- /{mark} -->", text, re.DOTALL)
    assert found, f"no block {mark}"
    return found[1]


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", _text(page)), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head).lower() for head in heads)
    return {re.sub(r"[^\w\- ]", "", head).strip().replace(" ", "-") for head in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in LINK.findall(FENCE.sub("", _text(page))):
        path, _, anchor = link.partition("#")
        if re.match(r"(https?|mailto):", link):
            continue
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_page_of_the_documentation_is_listed() -> None:
    listed = _text(ROOT / "docs" / "README.md") + _text(ROOT / "docs" / "decisions" / "README.md")
    pages = [page for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"]
    assert [page.name for page in pages if page.name not in listed] == []


def test_the_help_in_the_readme_is_current() -> None:
    shown = _between(_text(ROOT / "README.md"), "help")
    done = subprocess.run(
        [sys.executable, "-m", "slsacheck", "--help"],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.rstrip() == done.stdout.rstrip()


def test_the_readme_names_every_command() -> None:
    text = _text(ROOT / "README.md")
    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", text)] == []


def test_the_readme_counts_the_ci_systems() -> None:
    understood = sum(bool(system.module) for system in registry.SYSTEMS)
    text = _text(ROOT / "README.md")
    assert f"{understood} CI systems into one model" in text
    assert f"{len(registry.SYSTEMS) - understood} further CI systems" in text


def test_generated_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "make_pages.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_changelog_fragments_can_be_joined() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_changelog.py"), "--show"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fragments = [path for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]
    assert done.stdout.count("\n- ") == len(fragments)


def test_the_configuration_in_the_guide_is_one(tmp_path: Path) -> None:
    """Every setting that exists is shown, and what is shown is accepted."""
    (text,) = re.findall(r"```toml\n(.*?)```", _text(ROOT / "docs" / "configuration.md"), re.DOTALL)
    file = tmp_path / "slsacheck.toml"
    file.write_text(text, encoding="utf-8")
    found = config.load(str(file))
    assert set(tomllib.loads(text)) == set(KEYS)
    assert found.require == ("build=2",)
    assert config.checked_names(found, load_catalogue()) == ()
    known = {root.id for root in load_catalogue().trust_roots}
    assert {entry.id for entry in found.distrust} <= known


def _commands() -> Iterator[tuple[str, list[str]]]:
    """Each command line of slsacheck that a page shows, with the page's name."""
    for page in PAGES:
        for block in re.findall(r"```(?:sh|yaml|console)\n(.*?)```", _text(page), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if match := re.match(r"\s*(?:-\s+)?(?:run: |entry: |\$ )?(slsacheck [^|#]*)", line):
                    yield page.name, shlex.split(match[1])


def test_every_command_that_is_shown_can_be_parsed() -> None:
    shown = list(_commands())
    for _page, words in shown:
        name, rest = split(words[1:])
        if name is None or rest == ["--version"]:
            continue
        parser = Parser(prog="slsacheck", add_help=False)
        commands = parser.add_subparsers(dest="command", parser_class=Parser)
        import_module(f"slsacheck.cli.{COMMANDS[name].module}").add_parser(commands)
        assert parser.parse_args([name, *rest]).command == name
    assert len(shown) >= 5


def _example(name: str) -> str:
    found = re.search(
        rf"<!-- example: {name} -->\n```python\n(.*?)```", _text(ROOT / "docs" / "extending.md"), re.DOTALL
    )
    assert found, name
    lines = [line for line in found[1].splitlines() if line.strip() and not line.strip().startswith(('"""', "#"))]
    assert len(lines) <= MAX_LINES, f"the example {name} has {len(lines)} lines"
    return found[1]


@pytest.mark.parametrize("name", ["check", "ci", "reporter"])
def test_the_readme_shows_the_examples_that_run(name: str) -> None:
    assert _example(name) in _text(ROOT / "README.md")


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Makes an importable module of code; gives its name."""

    def make(code: str, name: str = "acme_checks") -> str:
        module = ModuleType(name)
        exec(compile(code, name, "exec"), module.__dict__)
        monkeypatch.setitem(sys.modules, name, module)
        return name

    return make


WORKFLOW = """\
on: {push: {tags: ["v*"]}}
jobs:
  release:
    runs-on: [self-hosted, big]
    steps:
      - run: gh release create "$GITHUB_REF_NAME" widget.tar.gz
"""


def _scan(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    from slsacheck.cli import run

    status = run([*arguments, "--offline"])
    out, err = capsys.readouterr()
    assert status in (0, 1), err
    return out


def test_the_example_of_a_check_runs(
    plugin: Callable[..., str], make_repository: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    name = plugin(_example("check"))
    target = make_repository({".github/workflows/release.yml": WORKFLOW})
    report = json.loads(_scan(str(target), "-p", name, "--report", "json=-", capsys=capsys))
    (result,) = [one for one in report["results"] if one["check"] == "releases_run_on_hosted_machines"]
    assert result["outcome"] == "FAIL"
    assert result["at"][0]["path"] == ".github/workflows/release.yml"


def test_the_example_of_a_source_runs(
    plugin: Callable[..., str], make_repository: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The source is registered, a check can ask for it, and its absence is a FAIL with its sentence."""
    code = _example("source") + (
        "\n@check('source.identity-management.documented')\n"
        "def owners_are_named(revision, code_owners):\n"
        "    '''The owners of the code are named.'''\n"
        "    return ok(f'{code_owners} names them', at=revision.at)\n"
    )
    name = plugin(code)
    outcomes = {}
    for folder, files in {"with": {"CODEOWNERS": "* @acme"}, "without": {"README": ""}}.items():
        target = make_repository(files, name=folder)
        command = (str(target), "-p", name, "--trust-plugin", name, "--report", "json=-")
        report = json.loads(_scan(*command, capsys=capsys))
        (result,) = [one for one in report["results"] if one["check"] == "owners_are_named"]
        outcomes[folder] = (result["outcome"], result["reason"])
    assert outcomes["with"] == ("PASS", "CODEOWNERS names them")
    assert outcomes["without"][0] == "FAIL"
    assert outcomes["without"][1].startswith("none of CODEOWNERS")


def test_the_example_of_a_reporter_runs(
    plugin: Callable[..., str], make_repository: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    name = plugin(_example("reporter"))
    target = make_repository({".github/workflows/release.yml": WORKFLOW})
    lines = [
        json.loads(line) for line in _scan(str(target), "-p", name, "--report", "levels=-", capsys=capsys).splitlines()
    ]
    assert {"build", "source"} == {line["track"] for line in lines}
    assert all(line["proved"] == 0 for line in lines if line["track"] == "build")


def test_the_example_of_a_ci_system_runs(
    plugin: Callable[..., str],
    make_repository: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one module and one line, what that system publishes is found."""
    plugin(_example("ci"), "slsacheck.evidence.pipelines.tiny_ci")
    (line,) = re.findall(r"^    (System\(.*\)),$", _text(ROOT / "docs" / "extending.md"), re.MULTILINE)
    system = eval(line, {"System": System})
    monkeypatch.setattr(reading, "SYSTEMS", (*registry.SYSTEMS, system))
    monkeypatch.setattr(claims, "FILES", claims.FILES | dict.fromkeys(system.files, system.name))
    target = make_repository({".tiny-ci.yml": "release:\n  run:\n    - docker push ghcr.io/acme/widget\n"})
    report = json.loads(_scan(str(target), "--report", "json=-", capsys=capsys))
    assert [one["name"] for one in report["facts"]["ci_systems"]] == ["tiny-ci"]
    (publication,) = [one for one in report["subjects"] if one["kind"] == "publication"]
    assert publication["channel"] == "ghcr.io"
    assert publication["at"][0]["line"] == 3


def test_the_example_of_a_program_runs(make_repository: Callable[..., Path]) -> None:
    target = make_repository({".github/workflows/release.yml": WORKFLOW})
    names: dict[str, object] = {}
    exec(_example("program"), names)
    proved = names["proved"]
    assert callable(proved)
    assert list(proved(str(target)).values()) == [0]


def test_the_plugins_of_the_examples_are_not_built_in() -> None:
    assert "levels" not in plugins.reporter_names()
