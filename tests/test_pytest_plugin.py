"""The second host: the checks as items of a pytest run."""

from __future__ import annotations

import subprocess
import sys
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import pytest

from tests.cli.conftest import ATTESTED
from tests.conftest import need_module

pytest_plugins = ("pytester",)

PUBLICATION = "publication:archive:archives@.github/workflows/release.yml#build"
UNFORGEABLE = f"slsacheck::configured_provenance_is_unforgeable[{PUBLICATION}]"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project that releases an archive whose own job attests it."""
    path = pytester.path / ".github" / "workflows" / "release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(ATTESTED)
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\naddopts = '--strict-markers'\nfilterwarnings = ['error']\n")
    return pytester


def run(project: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Runs pytest in a process of its own: in this one it would take modules of the run before for its own."""
    return project.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *args)


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    return {
        word: count
        for word, count in result.parseoutcomes().items()
        if word in ("passed", "failed", "skipped", "errors")
    }


def cases(project: pytest.Pytester, *args: str) -> list[Element]:
    run(project, "--slsacheck", "--junitxml=junit.xml", *args)
    root = defusedxml.ElementTree.parse(project.path / "junit.xml").getroot()
    assert root is not None
    return list(root.iter("testcase"))


def properties(case: Element) -> dict[str, str]:
    return {entry.attrib["name"]: entry.attrib["value"] for entry in case.iter("property")}


def test_nothing_is_added_without_the_option(project: pytest.Pytester) -> None:
    result = run(project)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.no_fnmatch_line("*slsacheck: SLSA*")


def test_checks_are_items_behind_the_tests_of_the_project(project: pytest.Pytester) -> None:
    project.makepyfile("def test_own(): pass")
    result = run(project, "--slsacheck", "-v")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "slsacheck: SLSA v1.2, *",
            "*::test_own PASSED*",
            f"slsacheck::build_makes_provenance[[]{PUBLICATION}[]] PASSED*",
        ]
    )
    result.stdout.no_fnmatch_line("*collected 0 items*")


def test_a_failure_shows_place_reason_and_remedy_instead_of_a_traceback(project: pytest.Pytester) -> None:
    result = run(project, "--slsacheck", "-k", "unforgeable")
    result.stdout.fnmatch_lines(
        [
            "_*The steps of the build cannot forge the provenance*_",
            "FAIL build.provenance-unforgeable.key-not-in-build, level 3: *",
            "  .github/workflows/release.yml:*",
            "  -> *",
            "  slsacheck explain build.provenance-unforgeable.key-not-in-build",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_unknown_is_skipped_with_its_reason_and_fails_under_strict(project: pytest.Pytester) -> None:
    loose = run(project, "--slsacheck", "-k", "build_is_isolated", "-rs")
    assert outcomes(loose) == {"skipped": 1}
    loose.stdout.fnmatch_lines(["SKIPPED*UNKNOWN: *"])
    strict = run(project, "--slsacheck", "-k", "build_is_isolated", "--slsacheck-strict")
    assert outcomes(strict) == {"failed": 1}


def test_k_and_m_choose_by_words_and_marks_under_strict_markers(project: pytest.Pytester) -> None:
    def chosen(*args: str) -> int:
        lines = run(project, "--slsacheck", "--co", "-q", *args).outlines
        return sum(line.startswith("slsacheck::") for line in lines)

    everything = chosen()
    assert chosen("-k", "build.hosted") == 1
    assert chosen("-m", "publication and build") == everything
    assert 0 < chosen("-m", "l3") < everything
    assert chosen("-m", "artifact") == 0


def test_x_stops_at_the_first_failure(project: pytest.Pytester) -> None:
    result = run(project, "--slsacheck", "-x")
    assert outcomes(result)["failed"] == 1
    result.stdout.fnmatch_lines(["*stopping after 1 failures*"])


def test_junit_carries_requirement_atom_and_outcome(project: pytest.Pytester) -> None:
    found = cases(project)
    by_name = {case.attrib["name"].split("[")[0]: case for case in found}
    failed = by_name["configured_provenance_is_unforgeable"]
    assert properties(failed) == {
        "requirement": "build.provenance-unforgeable",
        "atom": "build.provenance-unforgeable.key-not-in-build",
        "outcome": "FAIL",
    }
    assert failed.find("failure") is not None
    assert by_name["build_is_isolated"].find("skipped") is not None
    assert properties(by_name["build_makes_provenance"])["outcome"] == "CONFIGURED"


def test_xdist_runs_the_same_items(project: pytest.Pytester) -> None:
    need_module("xdist")
    alone = outcomes(run(project, "--slsacheck"))
    spread = outcomes(run(project, "--slsacheck", "-n", "2"))
    assert spread == alone


def test_the_specification_and_the_targets_can_be_chosen(project: pytest.Pytester) -> None:
    project.mkdir("empty")
    found = run(project, "--slsacheck", "--slsacheck-spec", "v0.1", "--co", "-q", "-k", "v01.build.scripted-build")
    assert any("slsacheck::" in line for line in found.outlines)
    result = run(project, "--slsacheck", "--slsacheck-target", "empty", "--slsacheck-target", ".", "--co", "-q")
    result.stdout.fnmatch_lines([f"slsacheck::*[[]{project.path.name}: publication:*"])
    wrong = run(project, "--slsacheck", "--slsacheck-target", "none")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    wrong.stderr.fnmatch_lines(["ERROR: slsacheck: there is no 'none' to assess*"])


def test_configuration_counts_as_on_the_command_line(project: pytest.Pytester) -> None:
    (project.path / "slsacheck.toml").write_text("strict = 3\n")
    broken = run(project, "--slsacheck")
    assert broken.ret == pytest.ExitCode.USAGE_ERROR
    broken.stderr.fnmatch_lines(["ERROR: slsacheck: slsacheck.toml:1: strict must be true or false*"])
    (project.path / "slsacheck.toml").write_text('spec = "v0.1"\n')
    run(project, "--slsacheck").stdout.fnmatch_lines(["slsacheck: SLSA v1.2,*"])
    run(project, "--slsacheck", "--slsacheck-config", "slsacheck.toml").stdout.fnmatch_lines(["slsacheck: SLSA v0.1,*"])


def test_fixtures_serve_a_teams_own_tests(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from slsacheck.errors import Absent, Unavailable

        def test_levels(slsa_assessment):
            (publication,) = [one for one in slsa_assessment.subjects if one.subject.kind == "publication"]
            assert publication.track("build").configured == 2

        def test_evidence(slsa_evidence):
            assert [one.system for one in slsa_evidence("pipelines")] == ["github-actions"]

        def test_unknown_evidence(slsa_evidence):
            with pytest.raises(pytest.UsageError, match="there is no evidence 'pipeline'"):
                slsa_evidence("pipeline")
        """
    )
    assert outcomes(run(project)) == {"passed": 3}


def test_a_target_that_cannot_be_opened_is_one_sentence(project: pytest.Pytester) -> None:
    result = run(project, "--slsacheck", "--slsacheck-target", "file:///no/such/repository.git")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ERROR collecting slsacheck*", "*no/such/repository*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_names_of_the_target_cannot_steer_a_terminal(project: pytest.Pytester) -> None:
    (project.path / ".github" / "workflows" / "release.yml").rename(
        project.path / ".github" / "workflows" / "\x1b[31m.yml"
    )
    result = run(project, "--slsacheck", "--co", "-q")
    assert r"\x1b[31m.yml#build]" in result.stdout.str()
    assert "\x1b" not in result.stdout.str()


BROKEN = """
import pytest
from slsacheck import api, plugins
from slsacheck.model import Publication, Verdict

@api.check("build.hosted.not-workstation")
def breaks(publication: Publication) -> Verdict:
    '''A check that breaks.'''
    raise RuntimeError("broken inside")

@api.check("build.hosted.not-workstation")
def declares(publication: Publication) -> Verdict:
    '''A check that rests on somebody's word.'''
    return api.declared("somebody says so", at=publication.at)

@api.check("build.hosted.not-workstation", experimental=True)
def tries(publication: Publication) -> Verdict:
    '''A check that is tried out.'''
    return api.fail("not yet sure", at=publication.at)

load = plugins.load
def loaded(*args):
    import dataclasses
    found = load(*args)
    return dataclasses.replace(found, checks=tuple(getattr(one, api.MARK) for one in (breaks, declares, tries)))
plugins.load = loaded
"""


def test_errors_declarations_and_experiments_never_look_proved(project: pytest.Pytester) -> None:
    project.makeconftest(BROKEN)
    result = run(project, "--slsacheck", "-rs")
    assert outcomes(result) == {"failed": 1, "skipped": 2}
    result.stdout.fnmatch_lines(
        ["*RuntimeError: broken inside*", "SKIPPED*DECLARED: somebody says so", "SKIPPED*FAIL: not yet sure"]
    )
    assert outcomes(run(project, "--slsacheck", "--slsacheck-strict")) == {"failed": 3}


def test_the_best_attestation_decides_and_the_worst_of_its_results() -> None:
    from slsacheck.model import Outcome, Result
    from slsacheck.pytest_plugin import _decisive

    def result(outcome: Outcome, atom: str, attestation: str | None) -> Result:
        return Result("id", "c", "r", atom, 1, "s", outcome, "because", attestation=attestation)

    told = (
        result(Outcome.FAIL, "a", "one"),
        result(Outcome.PASS, "b", "one"),
        result(Outcome.UNKNOWN, "a", "two"),
        result(Outcome.PASS, "b", "two"),
        result(Outcome.PASS, "c", None),
    )
    decisive, word = _decisive(told)
    assert word == "UNKNOWN"
    assert [one.attestation for one in decisive] == ["two"]
    assert _decisive(told[4:])[1] == "PASS"
    assert _decisive(()) == ((), "NOT_APPLICABLE")


def test_a_bare_checkout_names_the_plugin(project: pytest.Pytester) -> None:
    result = run(project, "-p", "slsacheck.pytest_plugin", "--slsacheck", "-k", "build_makes_provenance")
    assert outcomes(result) == {"passed": 1}


def test_loading_the_plugin_imports_nothing_of_the_engine() -> None:
    code = "import sys, slsacheck.pytest_plugin\nprint(*[name for name in sys.modules if name.startswith('slsacheck')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["slsacheck", "slsacheck.pytest_plugin"]
