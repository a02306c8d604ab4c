"""The configuration: what it may say, what a found file may say, and what is told about its faults."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck import catalog
from slsacheck.config import (
    Config,
    Distrust,
    checked_names,
    declared_results,
    discover,
    in_force,
    load,
    merge,
    overlaid,
)
from slsacheck.config.document import parse
from slsacheck.config.settings import MAX_CONFIG, matches
from slsacheck.errors import ConfigError
from slsacheck.model import Expectations, Outcome, Revision, TrustRoot
from tests.clock import soon

FULL = """\
spec = "v1.2"
tracks = ["build"]
require = ["build=2"]
accept = ["unsigned"]
strict = true
distrust = ["weak", {id = "middling", level = 2}]
report = ["json=slsacheck.json"]

[expectations]
source_uri = "github.com/acme/widget"
builder_id = "https://builder.example/v1"
verified_level = ["SLSA_BUILD_LEVEL_3"]

[expectations.build_workflow_input]
channel = "stable"
dry_run = false
retries = 3

[[expectations.for]]
artifact = "dist/*.whl"
package_name = "widget"

[[expectations.for]]
package = "pkg:npm/*"
issuer = "https://token.example"

[[waiver]]
atom = "build.isolated"
subject = "publication:binary:widget@.github/workflows/release.yml#build"
reason = "the new runners come in March"
expires = 2999-01-31

[[waiver]]
atom = "build.hosted"
subject = "publication:binary:widget@.github/workflows/release.yml#build"
reason = "an old promise"
expires = "2020-01-31"

[[declaration]]
requirement = "source.choose-scs"
reason = "our forge is chosen by the security team"
by = "Ada Lovelace"
date = 2026-11-01

[[trust_root]]
id = "acme-builder"
title = "The builder of Acme"
level = 2
slsa_level = 2
builder_id = "https://builder.example/v1"
basis = "audited by us in October 2026"
date = "2026-10-01"
covers = ["build.provenance-authentic"]
signer = {identity = "https://builder.example/signer"}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def written(text: str | bytes, name: str = "slsacheck.toml") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return written


def told(call: Callable[[], object]) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        call()
    return caught.value


def test_everything_that_can_be_said_is_read(write: Callable[..., str]) -> None:
    config = load(write(FULL))
    assert (config.spec, config.tracks, config.require, config.accept) == (
        "v1.2",
        ("build",),
        ("build=2",),
        ("unsigned",),
    )
    assert config.strict
    assert config.reports == ("json=slsacheck.json",)
    assert config.distrust == (Distrust("weak", 0), Distrust("middling", 2))
    assert config.expectations.source_uri == "github.com/acme/widget"
    assert config.expectations.verified_level == ("SLSA_BUILD_LEVEL_3",)
    assert config.expectations.build_workflow_input == (("channel", "stable"), ("dry_run", "false"), ("retries", "3"))
    assert [(waiver.expires, waiver.expired) for waiver in config.waivers] == [
        ("2999-01-31", False),
        ("2020-01-31", True),
    ]
    assert config.declarations[0].line == FULL[: FULL.index("[[declaration]]")].count("\n") + 1
    assert config.trust_roots[0].id == "acme-builder"
    assert not config.problems


def test_pyproject_holds_the_same_under_tool(write: Callable[..., str]) -> None:
    name = write('[project]\nname = "widget"\n[tool.slsacheck]\nrequire = "build=1"\n', "pyproject.toml")
    assert load(name).require == ("build=1",)
    assert "[tool.slsacheck]" in told(lambda: load(write("[tool.other]\n", "pyproject.toml"))).message


@pytest.mark.parametrize(
    ("text", "where", "message", "advice"),
    [
        ('requires = ["build=2"]\n', ":1", "requires is not a setting", "did you mean 'require'?"),
        (
            "\n[expectations]\nsource-uri = 'x'\n",
            ":3",
            "expectations.source-uri is not a setting",
            "did you mean 'source_uri'?",
        ),
        ("zzz = 1\n", ":1", "zzz is not a setting", "known here: accept"),
        ("strict = 'yes'\n", ":1", "strict must be true or false, not 'yes'", ""),
        ("spec = 'v1.3'\n", ":1", "must be one of v0.1, v1.0", "did you mean 'v1."),
        ("spec = 1.2\n", ":1", "spec must be a string that says something, not 1.2", ""),
        ("require = ['build']\n", ":1", "require holds 'build'", '["build=2"]'),
        ("accept = ['all']\n", ":1", "declared, configured, unsigned", ""),
        ("waiver = 1\n", ":1", "waiver must be a list of tables, [[waiver]], not 1", ""),
        ("expectations = []\n", ":1", "expectations must be a table, [expectations], not a list", ""),
        ("[[waiver]]\natom='a.b'\nsubject='s'\nreason='r'\n", ":1", "waiver[0] needs 'expires'", ""),
        ("[[waiver]]\natom='a.b'\nsubject='s'\nexpires=2030-01-01\n", ":1", "waiver[0] needs 'reason'", ""),
        ("[[waiver]]\natom='a'\n\n[[waiver]]\nexpired=true\n", ":1", "waiver[0] needs 'expires'", ""),
        (
            "[[waiver]]\natom='a'\nsubject='s'\nreason='r'\nexpires='soon'\n",
            ":5",
            "a date such as 2027-01-31, not 'soon'",
            "",
        ),
        (
            "[[waiver]]\natom='a'\nsubject='s'\nreason='r'\nexpires='2027-02-30'\n",
            ":5",
            "waiver[0].expires must be a date",
            "",
        ),
        (
            "[[waiver]]\natom='a'\nsubject='s'\nreason=' '\nexpires=2030-01-01\n",
            ":4",
            "waiver[0].reason must be a string",
            "",
        ),
        ("distrust = [3]\n", ":1", "distrust holds 3", "level = 2"),
        ("distrust = 'all'\n", ":1", "distrust must be a list", ""),
        ("distrust = [{id='a', level=4}]\n", ":1", "a whole number from 0 to 3, not 4", ""),
        ("[[declaration]]\nreason='r'\n", ":1", "either 'atom' or 'requirement'", ""),
        ("[[expectations.for]]\nidentity='i'\n", ":1", "exactly one of publication, package, artifact", ""),
        ("[expectations.build_workflow_input]\na=[]\n", ":2", "build_workflow_input.a must be a string", ""),
        ("\n[[trust_root]]\nid='x'\n", ":2", "trust_root", "rules/schema.json"),
        ("spec = v1.2\n", ":1", "is not TOML", "strings need quotes"),
        ("a = 1\na = 2\n", ":2", "is not TOML", ""),
        ("a." * 201 + "b = 1\n", ":1", "has a line with more than 200 dots", "break it"),
        ("x = " + "[" * 20_000, "", "is nested too deeply", ""),
    ],
)
def test_a_fault_names_file_line_key_and_what_is_expected(
    write: Callable[..., str], text: str, where: str, message: str, advice: str
) -> None:
    name = write(text)
    error = told(lambda: load(name))
    assert error.where == f"{name}{where}"
    assert message in error.message
    assert advice in error.advice


def test_bytes_that_are_no_text_and_sizes_over_the_limit_are_named(write: Callable[..., str]) -> None:
    assert told(lambda: load(write(b"a = 1\nb = '\xff'\n"))).where.endswith(":2")
    assert "larger than" in told(lambda: load(write(b"#" * (MAX_CONFIG + 1)))).message


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    assert "slsacheck init" in told(lambda: load(str(tmp_path / "none.toml"))).advice
    assert "regular file" in told(lambda: load(str(tmp_path))).message


def test_patterns_add_to_the_general_expectations(write: Callable[..., str]) -> None:
    config = load(write(FULL))
    wheel = config.expectations_of(artifact="dist/widget-1.whl")
    assert (wheel.source_uri, wheel.package_name) == ("github.com/acme/widget", "widget")
    assert config.expectations_of(artifact="dist/widget.tar.gz").package_name is None
    assert config.expectations_of(package="pkg:npm/widget@1").issuer == "https://token.example"
    assert overlaid(wheel, Expectations(package_name="other")).package_name == "other"


def test_only_the_asterisk_is_special_in_a_pattern() -> None:
    assert matches("publication:*:a[1]?*", "publication:binary:a[1]?x@y#z")
    assert not matches("a?", "ab")
    assert matches("*", "")


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_a_pattern_means_what_the_regular_expression_means(pattern: str, name: str) -> None:
    expected = re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), name) is not None
    assert matches(pattern, name) is expected


def test_a_long_name_costs_no_time() -> None:
    assert not matches("*a" * 30 + "b", "a" * 20_000)


@pytest.mark.parametrize("name", ["slsacheck.toml", "pyproject.toml"])
def test_a_found_file_may_only_lower_trust(tmp_path: Path, write: Callable[..., str], name: str) -> None:
    table = "[tool.slsacheck]\n" if name == "pyproject.toml" else ""
    write(
        f'{table}spec = "v0.1"\nrequire = ["build=3"]\nstrict = true\naccept = ["declared"]\ndistrust = ["a"]\nplugins = ["evil"]\n',
        name,
    )
    config = discover(str(tmp_path))
    assert (config.require, config.strict, config.distrust) == (("build=3",), True, (Distrust("a"),))
    assert config.ignored == ("spec", "accept", "plugins")
    assert config == Config(
        origin=(name,), require=("build=3",), strict=True, distrust=(Distrust("a"),), ignored=config.ignored
    )


def test_a_found_waiver_or_trust_root_is_not_even_read(tmp_path: Path, write: Callable[..., str]) -> None:
    write("waiver = 3\ntrust_root = 'x'\n[expectations]\nfoo = 1\n")
    config = discover(str(tmp_path))
    assert not config.problems
    assert config.ignored == ("waiver", "trust_root", "expectations")


def test_a_broken_found_file_is_a_problem_and_nothing_more(tmp_path: Path, write: Callable[..., str]) -> None:
    write("strict = \n")
    (problem,) = discover(str(tmp_path)).problems
    assert problem.where == "slsacheck.toml:1"
    assert "is not TOML" in problem.reason


def test_a_foreign_pyproject_is_not_our_business(tmp_path: Path, write: Callable[..., str]) -> None:
    write("broken = [\n", "pyproject.toml")
    assert discover(str(tmp_path)) == Config()
    write("[tool]\nother = 'slsacheck'\n", "pyproject.toml")
    assert discover(str(tmp_path)) == Config()
    write("[tool]\nslsacheck = 3\n", "pyproject.toml")
    assert "must be a table" in discover(str(tmp_path)).problems[0].reason


def test_links_fifos_and_folders_in_a_target_are_told_never_followed(tmp_path: Path) -> None:
    place = tmp_path / "slsacheck.toml"
    place.symlink_to("/dev/zero")
    assert "link" in discover(str(tmp_path)).problems[0].reason
    place.unlink()
    os.mkfifo(place)
    assert "regular file" in discover(str(tmp_path)).problems[0].reason
    place.unlink()
    place.mkdir()
    assert "regular file" in discover(str(tmp_path)).problems[0].reason


def test_merging_adds_demands_and_takes_the_lower_cap() -> None:
    named = Config(require=("build=2",), distrust=(Distrust("a", 2), Distrust("b", 1)), accept=("unsigned",))
    found = Config(require=("build=3",), distrust=(Distrust("a", 1), Distrust("c")), strict=True, accept=("declared",))
    both = merge(named, found)
    assert (both.require, both.found_require) == (("build=2",), ("build=3",))
    assert both.strict
    assert both.accept == ("unsigned",)
    assert both.distrust == (Distrust("a", 1), Distrust("b", 1), Distrust("c", 0))


def test_a_colon_means_a_revision_whatever_lies_in_the_way(
    make_repository: Callable[..., Path], run_git: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_repository({"slsacheck.toml": 'require = ["build=3"]\n', "dir/x": "y"})
    run_git(path, "update-ref", "refs/remotes/origin/main", "HEAD")
    (path / "origin").mkdir()
    (path / "origin" / "main:slsacheck.toml").write_text('accept = ["declared"]\n')
    (path / "slsacheck.toml").write_text('accept = ["declared"]\n')
    monkeypatch.chdir(path)
    config = load("origin/main:slsacheck.toml", str(path))
    assert (config.require, config.accept) == (("build=3",), ())
    assert load("./origin/main:slsacheck.toml").accept == ("declared",)
    assert "no such file in that revision" in told(lambda: load("HEAD:none.toml", str(path))).message
    assert "is a tree" in told(lambda: load("HEAD:dir", str(path))).message
    assert "REV:PATH" in told(lambda: load("--output=x:y", str(path))).message


def test_names_are_checked_against_the_catalogue() -> None:
    from slsacheck.config import Declaration

    rules = catalog.load()
    declaration = Declaration("build.hosted.x", "*", "r", "b", "2026-01-01")
    error = told(lambda: checked_names(Config(declarations=(declaration,)), rules))
    assert "build.hosted" in error.advice
    (problem,) = checked_names(Config(distrust=(Distrust("no-such-root"),)), rules)
    assert "no-such-root" in problem.reason


def root(name: str, level: int) -> TrustRoot:
    return TrustRoot(name, name, level, level, (), "", (), frozenset({"build.hosted"}), frozenset({"x.y"}), "", "")


def test_distrust_caps_a_trust_root_and_never_takes_its_entry_away() -> None:
    rules = catalog.load().with_trust_roots([root("one", 3), root("two", 1)])
    found = in_force(Config(distrust=(Distrust("one", 0), Distrust("two", 2)), trust_roots=(root("mine", 2),)), rules)
    one, two, mine = (found.trust_root(name) for name in ("one", "two", "mine"))
    assert one is not None
    assert two is not None
    assert mine is not None
    assert (one.level, one.slsa_level, one.covers, one.refutes) == (0, 0, frozenset(), frozenset({"x.y"}))
    assert (two.level, two.covers) == (1, frozenset({"build.hosted"}))
    assert mine.level == 2
    assert in_force(Config(), rules) is rules


def test_a_declaration_gives_declared_results_for_its_subjects_alone(write: Callable[..., str]) -> None:
    config = load(write(FULL))
    rules = catalog.load()
    subject = Revision("revision:abc", "abc", "abc", ())
    results = declared_results(config, [subject], rules, "v1.2", ("build", "source"))
    assert results
    assert {result.outcome for result in results} == {Outcome.DECLARED}
    assert {result.requirement for result in results} == {"source.choose-scs"}
    assert results[0].reason == "Ada Lovelace declared on 2026-11-01: our forge is chosen by the security team"
    assert str(results[0].at[0]).endswith(f"slsacheck.toml:{config.declarations[0].line}")
    assert declared_results(config, [subject], rules, "v1.2", ("build",)) == ()


def test_lines_are_those_of_the_key_in_the_right_table() -> None:
    document = parse(b'a = 1\n[t]\nk = 1\n[[l]]\nk = 2\n[[l]]\n"k" = 3\n[l.s]\nk = 4\n', "f")
    assert [document.line(path) for path in (("a",), ("t", "k"), ("l", 0, "k"), ("l", 1, "k"), ("l", 1, "s", "k"))] == [
        1,
        3,
        5,
        7,
        9,
    ]
    assert document.line(("none",)) is None
    assert document.where(("t", "missing")) == "f:2"


SLOW = {
    "header and keys": "[" + "a." * 199 + "a]\n" + "".join(f"k{n}=1\n" for n in range(12_000)),
    "tables": "[[a]]\nb=1\n" * 12_000 + "zzz = [\n",
    "unknown key behind many tables": "".join(f"[[a{n}]]\n" for n in range(12_000)) + "[[waiver]]\nx=1\n",
    "open quotes": 'a = "' + '\\"' * 60_000,
    "blanks": " " * 120_000,
    "long name": "a" * 120_000,
    "dots": "a." * 60_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_no_small_file_takes_long_to_refuse(tmp_path: Path, write: Callable[..., str], name: str) -> None:
    write(SLOW[name])
    with soon(30):
        discover(str(tmp_path))
