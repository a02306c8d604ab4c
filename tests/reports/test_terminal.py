"""The terminal shows the answer first, then the reason, then the proof."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace

import pytest

from slsacheck.model import AssessedSubject, Gate, Outcome
from tests.reports.conftest import Render
from tests.reports.factory import (
    WORKFLOW,
    assessment,
    big,
    hostile,
    ladder,
    levels,
    passing,
    place,
    publication,
    result,
    rich,
)

columns = importlib.import_module("slsacheck.reports._text").columns
ANSI = re.compile("\x1b\\[[0-9;]*m|\x1b]8;;[^\x1b]*\x1b\\\\")
KEPT_WHOLE = re.compile(r"https://\S{30,}|^ {10}[- ]|slsacheck (audit|explain)|publication:")
"""What is not broken so that it can be copied: addresses, commands, remedies and ids."""


def test_a_passing_repository_prints_ten_lines(render: Render) -> None:
    lines = render("terminal", passing()).splitlines()
    assert len([line for line in lines if line]) <= 10
    assert lines[0] == "slsacheck 0.1.0 · SLSA v1.2 · widget @ 3f2a9c1 (v1.4.0, clean) · offline"
    assert re.fullmatch(r"=+ 1 publication, 8 checks: 8 configured in 0\.31s =+", lines[-1])
    assert len(lines[-1]) == 80


def test_a_thousand_publications_print_one_screen(render: Render) -> None:
    text = render("terminal", big(1000))
    assert len(text.splitlines()) < 45
    assert "ghcr.io/acme/service-0001 and 899 more" in text
    assert "and 897 more places" in text
    assert text.count("actions/attest-build-provenance") == 1


@pytest.mark.parametrize("width", [50, 60, 80, 120])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, colour: bool, render: Render) -> None:
    text = ANSI.sub("", render("terminal", rich(), width=width, colour=colour))
    assert [line for line in text.splitlines() if columns(line) > width and not KEPT_WHOLE.search(line)] == []


def test_colour_repeats_the_words(render: Render) -> None:
    plain, coloured = render("terminal", rich()), render("terminal", rich(), colour=True)
    assert "\x1b" not in plain
    assert [line.rstrip() for line in ANSI.sub("", coloured).splitlines()] == plain.splitlines()


def test_an_unknown_is_a_question_mark_and_never_red(render: Render) -> None:
    red = "\x1b[1;31m"
    for text in re.findall(re.escape(red) + "([^\x1b]*)", render("terminal", rich(), colour=True, verbosity=1)):
        assert "?" not in text
    rows = [line for line in render("terminal", rich()).splitlines() if "widget.deb (apt" in line]
    assert rows[0].split()[-3:] == ["0", "?", "3"]


def test_what_is_not_defined_is_a_dash(render: Render) -> None:
    text = render("terminal", rich())
    row = next(line for line in text.splitlines() if "GitHub Actions" in line)
    assert row.split()[-3:] == ["\N{EN DASH}"] * 3
    assert "does not define the track" in text


def test_the_floor_comes_first_with_place_reason_and_remedy(render: Render) -> None:
    text = render("terminal", rich())
    floor, others = text.index("What keeps the floor down"), text.index("What keeps the others from the next level")
    assert floor < text.index("no step makes provenance for dist/*.tar.gz") < others
    assert others < text.index("the job that builds also asks for the signature")
    assert f"{WORKFLOW}:48   gh release create" in text
    assert "          - uses: actions/attest-build-provenance@<40 hex>  # v3\n            with:\n" in text
    assert "slsacheck explain build.provenance-exists" in text
    assert "https://slsa.dev/spec/v1.2/build-requirements#provenance-exists" in text


def test_a_floor_at_the_top_is_not_complained_about(render: Render) -> None:
    assert "What keeps" not in render("terminal", passing())


def test_links_are_made_only_where_asked_for_and_only_to_known_hosts(render: Render) -> None:
    assert "\x1b]8" not in render("terminal", rich(), colour=True)
    linked = re.findall("\x1b]8;;([^\x1b]+)\x1b", render("terminal", hostile(), links=True))
    assert all(target.startswith(("https://slsa.dev/", "https://github.com/")) for target in linked)
    assert "\x1b]8;;https://slsa.dev/spec/v1.2/" in render("terminal", rich(), links=True)


def test_without_unicode_everything_is_ascii(render: Render) -> None:
    assert render("terminal", hostile(), unicode=False, verbosity=1).isascii()
    assert render("terminal", rich(), unicode=False).isascii()


def test_quiet_shows_tables_and_counts_only(render: Render) -> None:
    text = render("terminal", rich(), verbosity=-1)
    assert "What keeps" not in text
    assert "Hazards" not in text
    assert "widget_*.tar.gz" in text
    assert "2 failed, 1 in error, 4 unknown, 2 hazards in 0.31s" in text


def test_verbose_shows_every_result(render: Render) -> None:
    text = render("terminal", rich(), verbosity=1)
    for one in rich().results:
        assert one.reason in " ".join(text.split())
    assert "pass: log-inclusion: index 123456" in text
    assert "sbom-missing" in text


@pytest.mark.parametrize(
    ("tb", "there", "missing"),
    [
        ("no", "Gate build=2", "no step makes provenance"),
        ("line", "FAIL  build.provenance-exists", "attest-build-provenance"),
        ("short", "no step makes provenance", "attest-build-provenance"),
        ("auto", "attest-build-provenance", "read 1 workflow, 3 jobs"),
        ("long", "read 1 workflow, 3 jobs", "\x1b"),
    ],
)
def test_how_much_of_a_finding_is_shown(tb: str, there: str, missing: str, render: Render) -> None:
    text = render("terminal", rich(), tb=tb)
    assert there in text
    assert missing not in text


def test_waivers_errors_and_what_was_left_out_are_always_shown(render: Render) -> None:
    text = render("terminal", rich())
    assert ".github/workflows/broken.yml: line 3: a mapping ends nowhere → repair the file" in text
    assert "expired 2025-01-01: old" in text
    assert "branch_rules (the run is offline)" in text
    clear = render("terminal", replace(passing(), offline=False))
    assert "Errors: none · waivers: none · not looked at: nothing" in clear


def test_the_areas_of_the_ladder_are_shown(render: Render) -> None:
    text = render("terminal", ladder())
    assert "SLSA level" in text
    assert "source 1, build 2, provenance 2, common 0" in text


def test_the_source_track_has_no_configured_column(render: Render) -> None:
    text = render("terminal", rich())
    line = next(line for line in text.splitlines() if line.startswith("Source revision"))
    assert line.split()[2:] == ["Source", "level", "proved", "declared", "possible"]


def test_the_gate_says_why_it_is_not_met(render: Render) -> None:
    assert "Gate build=2 over 4 subjects: NOT met\n  build=2: widget_*.tar.gz has proved 0" in render(
        "terminal", rich()
    )
    met = replace(passing(), gate=Gate(met=True, required=("build=1",), subjects=("a",)))
    assert "Gate build=1 over 1 subject: met" in render("terminal", met)


def test_nothing_published_is_said(render: Render) -> None:
    text = render("terminal", assessment((), ()))
    assert "No publication was seen: nothing in the build configuration publishes" in text
    assert "by hand" in text


def test_checksums_do_not_count_for_the_floor(render: Render) -> None:
    rows = tuple(
        AssessedSubject(publication(name, kind), (levels(0, level, 3),))
        for name, kind, level in (("a", "archive", 2), ("b", "binary", 3), ("SHA256SUMS", "checksums", 0))
    )
    floor = next(line for line in render("terminal", assessment(rows, ())).splitlines() if line.startswith("  floor"))
    assert floor.split() == ["floor", "1", "not", "counted", "0", "2", "3"]


def test_the_suggested_command_survives_a_shell(render: Render) -> None:
    odd = replace(passing().target, path="/src/it's $(here)")
    text = render("terminal", replace(passing(), targets=(odd,)))
    assert """slsacheck audit '/src/it'"'"'s $(here)' --artifact FILE --attestation FILE""" in text


def test_many_findings_are_cut_and_counted(render: Render) -> None:
    item = publication("a")
    found = tuple(
        result(item.id, "build.hosted", Outcome.FAIL, f"reason {number}", at=(place(number + 1),))
        for number in range(30)
    )
    text = render("terminal", assessment((AssessedSubject(item, (levels(),)),), found))
    assert "and 20 findings more; -v shows them" in text
    assert "reason 29" in render("terminal", assessment((AssessedSubject(item, (levels(),)),), found), verbosity=1)


def test_what_the_source_track_waits_for_is_two_lines(render: Render) -> None:
    one = rich()
    source = next(row for row in one.subjects if row.subject.kind == "revision")
    waiting = replace(source.levels[0], blocked_by=("source.version-controlled", "source.safe-expunging"))
    rows = tuple(
        result(
            source.subject.id, name, Outcome.UNKNOWN, "nobody says so", track="source", missing=(f"a VSA for {name}",)
        )
        for name in waiting.blocked_by
    )
    changed = replace(one, subjects=(replace(source, levels=(waiting,)),), results=rows)
    text = render("terminal", changed)
    assert "What the Source track waits for\n  2 requirements not decided" in text, text
    assert "nobody says so" not in text
    assert "nobody says so" in render("terminal", changed, tb="long")


def test_rows_that_say_the_same_say_it_once(render: Render) -> None:
    rows = tuple(AssessedSubject(publication(name), (levels(why="L1: no provenance"),)) for name in ("a", "b"))
    text = render("terminal", assessment(rows, ()))
    assert text.count("L1: no provenance") == 1
    assert "as above" in text


def test_an_open_question_has_no_block_to_paste_unless_asked_for(render: Render) -> None:
    assert "runs-on: ubuntu-latest" not in render("terminal", rich())
    assert "runs-on: ubuntu-latest" in render("terminal", rich(), tb="long")


def test_demands_that_wait_for_one_reason_are_one_question(render: Render) -> None:
    item = publication("a")
    atoms = ("build.isolated.cache", "build.isolated.secrets")
    found = tuple(
        result(item.id, "build.isolated", Outcome.UNKNOWN, "the root does not say", atom=atom, level=3)
        for atom in atoms
    )
    waiting = (AssessedSubject(item, (levels(blocked_by=("build.isolated",)),)),)
    text = render("terminal", assessment(waiting, found))
    assert text.count("the root does not say") == 1
    assert "level 3: Isolated (2 demands)" in text
    assert "build.isolated.cache, build.isolated.secrets" in render("terminal", assessment(waiting, found), tb="long")


def test_a_reason_that_names_each_subject_is_still_one_finding(render: Render) -> None:
    items = [publication(f"acme/image-{number}") for number in range(5)]
    found = tuple(result(one.id, "build.hosted", Outcome.FAIL, f"no step attests {one.name}") for one in items)
    text = render("terminal", assessment(tuple(AssessedSubject(one, (levels(),)) for one in items), found))
    assert text.count("no step attests") == 1
    assert "no step attests each of them" in text
    assert "5 publications (acme/image-0 (ghcr.io), acme/image-1" in text


def test_what_waits_for_provenance_alone_is_said_once(render: Render) -> None:
    one = publication("widget")
    open_one = result(one.id, "build.choose-platform", Outcome.UNKNOWN, "nothing shows it")
    absent = result(one.id, "build.provenance-exists", Outcome.FAIL, "no step makes it")
    blocked = levels(blocked_by=("build.provenance-exists", "build.choose-platform"))
    both = assessment((AssessedSubject(one, (blocked,)),), (absent, open_one))
    text = render("terminal", both)
    assert "What can be decided once there is provenance\n  build.choose-platform; -v shows each" in text
    assert "nothing shows it" not in text
    assert "nothing shows it" in render("terminal", both, verbosity=1)
