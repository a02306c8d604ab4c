"""Nothing that a target brings is run, imported or contacted, whatever its git directory and files say."""

import ast
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from slsacheck.errors import SlsacheckError
from slsacheck.evidence.files import WorkTree
from slsacheck.evidence.git.facts import facts
from slsacheck.evidence.git.repository import Git
from slsacheck.evidence.git.tree import GitTree
from tests.clock import HANGS

MakeRepository = Callable[..., Path]
RunGit = Callable[..., str]

HOOKS = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "p4-pre-submit",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
]

CONFIGURATIONS = {
    "fsmonitor": "[core]\n\tfsmonitor = {trap}\n",
    "hooks-path": "[core]\n\thooksPath = {folder}\n",
    "pager": "[core]\n\tpager = {trap}\n[pager]\n\tls-files = {trap}\n\trev-list = true\n",
    "editor": "[core]\n\teditor = {trap}\n[sequence]\n\teditor = {trap}\n",
    "ssh": "[core]\n\tsshCommand = {trap}\n\tgitProxy = {trap}\n\taskPass = {trap}\n",
    "aliases": "".join(
        f"[alias]\n\t{name} = !{{trap}}\n"
        for name in ("ls-files", "rev-list", "cat-file", "for-each-ref", "diff-index", "ls-tree", "check-attr")
    ),
    "filter": '[filter "x"]\n\tclean = {trap}\n\tsmudge = {trap}\n\trequired = true\n',
    "filter-process": '[filter "x"]\n\tprocess = {trap}\n\trequired = true\n',
    "diff": '[diff]\n\texternal = {trap}\n[diff "x"]\n\ttextconv = {trap}\n\tcommand = {trap}\n',
    "merge": '[merge "x"]\n\tdriver = {trap}\n',
    "include": "[include]\n\tpath = {folder}/included\n",
    "include-if": '[includeIf "gitdir:/"]\n\tpath = {folder}/included\n',
    "gpg": '[gpg]\n\tprogram = {trap}\n[gpg "ssh"]\n\tprogram = {trap}\n[log]\n\tshowSignature = true\n',
    "credential": "[credential]\n\thelper = {trap}\n",
    "promisor": (
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[protocol]\n\tallow = always\n"
        '[protocol "ext"]\n\tallow = always\n[remote "origin"]\n\turl = ext::{trap}\n\tpromisor = true\n'
        "\tpartialclonefilter = blob:none\n"
    ),
    "upload-pack": (
        '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n'
        "\turl = {folder}/other\n\tuploadpack = {trap}\n\tpromisor = true\n"
    ),
    "remote-helper": (
        '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n'
        "\turl = x\n\tvcs = ext\n\tpromisor = true\n[protocol]\n\tallow = always\n"
    ),
    "alternate-refs": "[core]\n\talternateRefsCommand = {trap}\n",
    "submodule": '[submodule "x"]\n\tupdate = !{trap}\n\tactive = true\n\turl = ext::{trap}\n',
    "trailer": '[trailer "x"]\n\tcommand = {trap}\n\tcmd = {trap}\n',
    "worktree-config": "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tworktreeConfig = true\n",
    "attributes": "[core]\n\tattributesFile = {folder}/attributes\n",
}


def trap(folder: Path) -> Path:
    """A program that leaves a mark when it runs."""
    folder.mkdir(exist_ok=True)
    program = folder / "trap"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {folder}/mark\ncat >/dev/null 2>&1 &\nexit 0\n')
    program.chmod(0o755)
    (folder / "included").write_text(f"[core]\n\tfsmonitor = {program}\n\thooksPath = {folder}\n")
    (folder / "attributes").write_text("* filter=x\n")
    for name in HOOKS:
        (folder / name).write_text(program.read_text())
        (folder / name).chmod(0o755)
    return program


@pytest.fixture
def target(make_repository: MakeRepository) -> Path:
    """A repository with every attribute set, a changed file, and a trap behind every hook."""
    attributes = "* filter=x diff=x merge=x ident\n"
    path = make_repository(
        {"a.txt": "a", ".gitattributes": attributes, ".github/workflows/x.yml": "on: push\njobs: {}\n"}
    )
    program = trap(path.parent / "traps")
    for name in HOOKS:
        hook = path / ".git" / "hooks" / name
        hook.write_text(program.read_text())
        hook.chmod(0o755)
    (path / ".git" / "config.worktree").write_text(f"[core]\n\tfsmonitor = {program}\n")
    (path / "a.txt").write_text("b")
    return path


def set_config(path: Path, text: str) -> None:
    folder = path.parent / "traps"
    with (path / ".git" / "config").open("a") as stream:
        stream.write(text.replace("{trap}", str(folder / "trap")).replace("{folder}", str(folder)))


def mark(path: Path) -> Path:
    return path.parent / "traps" / "mark"


def ask_everything(path: Path) -> None:
    git = Git(str(path))
    tree = WorkTree(str(path), git)
    for name in tree.paths():
        tree.read(name)
    facts(git, tree.listing)
    objects = GitTree(git)
    for name in objects.paths():
        objects.read(name)
    git.close()


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_no_configuration_runs_anything(target: Path, name: str) -> None:
    set_config(target, CONFIGURATIONS[name])
    ask_everything(target)
    assert not mark(target).exists()


@pytest.mark.parametrize("name", ["fsmonitor", "filter", "filter-process", "include", "include-if", "hooks-path"])
def test_the_traps_do_snap_without_protection(target: Path, git: str, name: str) -> None:
    set_config(target, CONFIGURATIONS[name])
    os.utime(target / "a.txt", (1, 1))
    subprocess.run([git, "-C", str(target), "status"], capture_output=True, check=False, timeout=HANGS)
    assert mark(target).exists()


@pytest.mark.parametrize("name", ["promisor", "upload-pack", "remote-helper"])
def test_missing_objects_are_not_fetched(target: Path, run_git: RunGit, git: str, name: str) -> None:
    blob = run_git(target, "rev-parse", "HEAD:a.txt")
    (target / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    set_config(target, CONFIGURATIONS[name])
    repository = Git(str(target))
    tree = GitTree(repository)
    with pytest.raises(SlsacheckError):
        tree.read("a.txt")
    ask = WorkTree(str(target), repository)
    assert ask.paths()
    assert facts(repository, ask.listing).commit is not None
    assert not mark(target).exists()
    environment = {"PATH": os.environ["PATH"], "HOME": os.devnull}
    subprocess.run([git, "-C", str(target), "cat-file", "-p", blob], capture_output=True, check=False, env=environment)
    assert mark(target).exists() or name == "remote-helper"


def test_core_worktree_does_not_lead_elsewhere(target: Path) -> None:
    secret = target.parent / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    set_config(target, f"[core]\n\tworktree = {secret}\n")
    tree = WorkTree(str(target), Git(str(target)))
    assert tree.paths() == (".gitattributes", ".github/workflows/x.yml", "a.txt")


def test_the_environment_of_the_caller_does_not_reach_git(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = str(target.parent / "traps" / "trap")
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EDITOR"):
        monkeypatch.setenv(name, program)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", program)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    ask_everything(target)
    assert not mark(target).exists()


def test_a_git_in_the_target_is_not_used(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (target / "git").write_text((target.parent / "traps" / "trap").read_text())
    (target / "git").chmod(0o755)
    monkeypatch.chdir(target)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}:")
    ask_everything(target)
    assert not mark(target).exists()


RUNNERS = {"subprocess", "multiprocessing", "pty", "pickle", "marshal", "shelve", "ctypes", "runpy", "code"}
CALLS = {"exec", "eval", "compile", "__import__", "system", "popen", "posix_spawn", "posix_spawnp", "fork", "startfile"}
GIT = ("slsacheck/evidence/git/spawn.py", "posix_spawn")
ALLOWED = {GIT, ("slsacheck/record.py", "exec"), ("slsacheck/evidence/oci/credentials.py", "subprocess")}
"""git with an environment of ours, the maker of our own record classes, and the credential helper for a registry that
the user's own container configuration names. Nothing else starts a process or runs text as code."""
ROOT = Path(__file__).resolve().parent.parent.parent


def test_only_known_places_can_start_a_process() -> None:
    found: set[tuple[str, str]] = set()
    for folder in ("slsacheck", "checks", "reports"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                for name in _names(node):
                    found.add((str(path.relative_to(ROOT)), name))
    assert found - ALLOWED == set()
    assert GIT in found


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.split(".")[0] in RUNNERS]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module] if node.module and node.module.split(".")[0] in RUNNERS else []
    if isinstance(node, ast.Call):
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "").replace("compile", "")
        return [name] if name in CALLS or name.startswith(("spawn", "execv", "execl")) else []
    return []


MODULES = [
    "enum",
    "json",
    "typing",
    "re",
    "os",
    "pathlib",
    "argparse",
    "yaml",
    "tomllib",
    "pluggy",
    "cryptography",
    "jsonschema",
    "jinja2",
    "requests",
    "sitecustomize",
    "usercustomize",
    "conftest",
    "setup",
    "noxfile",
    "slsacheck_plugin",
    "slsacheck",
    "checks",
    "reports",
    "rules",
    "dataclasses",
    "hashlib",
    "zipfile",
]

SETTINGS = """\
[tool.pytest.ini_options]
addopts = "-p slsacheck_plugin"
[tool.slsacheck]
plugins = ["slsacheck_plugin"]
"""


@pytest.mark.parametrize("module", [False, True])
def test_the_command_imports_nothing_of_the_target(
    target: Path, slsacheck: Callable[..., object], module: bool
) -> None:
    for text in CONFIGURATIONS.values():
        set_config(target, text)
    place = mark(target)
    for name in MODULES:
        (target / f"{name}.py").write_text(f"open({str(place)!r}, 'a').write({name!r})\n")
    (target / "slsacheck").mkdir()
    (target / "slsacheck" / "__init__.py").write_text(f"open({str(place)!r}, 'a').write('package')\n")
    (target / "slsacheck.toml").write_text('plugins = ["slsacheck_plugin"]\nplugin = "slsacheck_plugin"\n')
    (target / "pyproject.toml").write_text(SETTINGS)
    (target / "pytest.ini").write_text("[pytest]\naddopts = -p slsacheck_plugin\n")
    (target / "x.pth").write_text("import slsacheck_plugin\n")
    slsacheck(".", "--report", "json=-", cwd=target, module=module)
    slsacheck(cwd=target, module=module)
    slsacheck("rules", cwd=target, module=module)
    assert not place.exists(), place.read_text()
