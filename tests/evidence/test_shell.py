"""Scripts into commands: words, places, variables, and what hostile texts do."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slsacheck.errors import InputError
from slsacheck.evidence.shell import MAX_SCRIPT, Command, commands, worth_parsing
from slsacheck.evidence.shell._guard import safe_to_parse
from slsacheck.evidence.shell._plain import read_plain
from slsacheck.evidence.shell._shield import Shield
from slsacheck.evidence.shell._tree import read_tree
from slsacheck.evidence.shell._variables import Variables
from tests.clock import soon


def words(text: str, **env: str) -> list[tuple[str, ...]]:
    return [command.argv for command in commands(text, 1, env) if command.argv]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker push a/b", [("docker", "push", "a/b")]),
        ("docker 'push' \"a b\"", [("docker", "push", "a b")]),
        ("a\\ b c", [("a b", "c")]),
        ("a \\\n  b \\\n  c", [("a", "b", "c")]),
        ("a --b='c d'e\"f\"$'g'", [("a", "--b=c defg")]),
        ('a "x \\"y\\" \\$z"', [("a", 'x "y" $z')]),
        ("a && b || c; d & e", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("a | b |& c", [("a",), ("b",), ("c",)]),
        ("if a; then b; elif c; then d; else e; fi", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("for i in 1 2; do a; done", [("a",)]),
        ("while a; do b; done", [("a",), ("b",)]),
        ("until a; do b; done", [("a",), ("b",)]),
        ("for ((i=0;i<3;i++)); do a; done", [("a",)]),
        ("case x in a) b;; c|d) e;; esac", [("b",), ("e",)]),
        ("f() { a; }; function g { b; }", [("a",), ("b",)]),
        ("f() { a; }; f; f", [("f",), ("a",), ("f",), ("a",)]),
        ("(a; (b))", [("a",), ("b",)]),
        ("! a", [("a",)]),
        ("x=$(a b) c", [("a", "b"), ("c",)]),
        ("a $(b $(c))", [("c",), ("b", "$(c)"), ("a", "$(b $(c))")]),
        ("a `b`", [("b",), ("a", "`b`")]),
        ("a <(b) >(c)", [("b",), ("c",), ("a", "<(b)", ">(c)")]),
        ("a # b", [("a",)]),
        ("nix run x#y -- z", [("nix", "run", "x#y", "--", "z")]),
        ("a ${x##*/} ${#x} $# b", [("a", "${x##*/}", "${#x}", "$#", "b")]),
        ("A=1 b", [("b",)]),
        ("a ${{ github.ref }}", [("a", "${{ github.ref }}")]),
        ("a ${{ x ||\n  y }} b", [("a", "${{ x ||\n  y }}", "b")]),
        ("a x-${{ b }}-y", [("a", "x-${{ b }}-y")]),
        ("a {{.X}}/{{.Y}}:{{ .Z }}", [("a", "{{.X}}/{{.Y}}:{{ .Z }}")]),
        ("a << parameters.x >>", [("a", "<< parameters.x >>")]),
        ("a $[[ inputs.x ]]", [("a", "$[[ inputs.x ]]")]),
        ("a <<EOF\nb\nEOF\nc", [("a",), ("c",)]),
        ("a <<-'EOF' | b\n\tc\n\tEOF\nd", [("a",), ("b",), ("d",)]),
        ("a <<EOF\n$(b)\nEOF", [("a",)]),
        ("cat <<EOF >> out\nx\nEOF\nb", [("cat",), ("b",)]),
        ("a é{ü,ö}ß b", [("a", "é{ü,ö}ß", "b")]),
        ("a \x01\x02 b", [("a", "b")]),
        ("", []),
        ("\n\n", []),
        ("# only", []),
    ],
)
def test_commands_and_their_words(text: str, expected: list[tuple[str, ...]]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X=1\na $X", ("a", "1")),
        ("X='1 2'\na $X", ("a", "1", "2")),
        ("X='1 2'\na \"$X\"", ("a", "1 2")),
        ("X=1\nX=2\na $X", ("a", "2")),
        ("X=1\nX+=2\na $X", ("a", "12")),
        ("X=1\nif y; then X=2; fi\na v$X", ("a", "v$X")),
        ("if y; then X=1; else X=1; fi\na v$X", ("a", "v1")),
        ("X=$(y)\na $X", ("a", "$X")),
        ("a ${X:-d}", ("a", "d")),
        ("a ${E:-d}", ("a", "from outside")),
        ("a ${X%.*}", ("a", "${X%.*}")),
        ("a=(1 '2 3')\na \"${a[@]}\"", ("a", "1", "2 3")),
        ('a=()\na "${a[@]}" b', ("a", "b")),
        ("export X=1\na $X", ("a", "1")),
        ("f() { local X=1; a $X; }\nf", ("a", "1")),
        ("f() { a $1 $2; }\nf x y", ("a", "x", "y")),
        ('f() { a "$@"; }\nf x y', ("a", "x", "y")),
        (': "${X:=1}"\na $X', ("a", "1")),
        ("a ${{ env.E }}", ("a", "from outside")),
    ],
)
def test_known_variables_are_filled_in(text: str, expected: tuple[str, ...]) -> None:
    assert words(text, E="from outside")[-1] == (expected if "$X %" not in text else ())


def test_what_stands_only_in_a_branch_is_uncertain() -> None:
    found = commands('a=(x)\nif y; then a+=(z); fi\nb "${a[@]}" c', 1)
    assert (found[-1].argv, found[-1].uncertain) == (("b", "x", "z", "c"), frozenset({2}))


def test_a_flag_that_a_variable_may_hold_is_uncertain() -> None:
    found = commands('F=""\nif y; then F="--push"; fi\nb $F', 1)
    assert (found[-1].argv, found[-1].uncertain) == (("b", "--push"), frozenset({1}))


def test_an_alternative_value_is_uncertain() -> None:
    (found,) = commands("b ${X:+--push} c", 1)
    assert (found.argv, found.uncertain) == (("b", "--push", "c"), frozenset({1}))


def test_values_of_a_loop_are_choices() -> None:
    (found,) = commands('for i in a b; do c "x-$i"; done', 1)
    assert (found.argv, found.choices) == (("c", "x-$i"), (("i", ("a", "b")),))


def test_lines_of_commands_and_words() -> None:
    found = commands("a\n\nb \\\n  c \\\n  'd\n  e' f\n", 10)
    assert [(command.line, command.lines) for command in found] == [(10, (10,)), (12, (12, 13, 14, 15))]


def test_an_expression_over_several_lines_moves_no_line() -> None:
    found = commands("a ${{ x &&\n y &&\n z }}\nb $(c)\n", 1)
    assert [(command.argv[0], command.line) for command in found] == [("a", 1), ("c", 4), ("b", 4)]


def test_pipelines_redirects_assignments_and_conditions() -> None:
    found = commands("A=1 B=2 a x 2>&1 | b > out\n[[ -n $X ]] && c >> $Y", 1)
    first, second, third = found
    assert first.assignments == (("A", "1"), ("B", "2"))
    assert (first.pipe, first.stage, second.pipe, second.stage) == (second.pipe, 0, first.pipe, 1)
    assert second.redirects == ((">", "out"),)
    assert (third.guards, third.redirects) == (("[[ -n $X ]]",), ((">>", "$Y"),))


def test_conditions_of_branches() -> None:
    found = commands('if [ "$A" = b ]; then x; else y; fi; case $C in d|e) z;; esac', 1)
    guards = {command.program: command.guards for command in found}
    assert guards == {"x": ('[ "$A" = b ]',), "y": ('not ([ "$A" = b ])',), "z": ("$C in d|e",)}


def test_a_heredoc_is_kept_with_its_command() -> None:
    (found,) = commands("bash -s <<'EOF'\ndocker push x\nEOF\n", 5)
    assert (found.argv, found.stdin, found.stdin_line) == (("bash", "-s"), "docker push x\n", 6)


def test_subshells_are_told_apart() -> None:
    found = commands("(cd a; b); c", 1)
    assert [len(command.scope) for command in found] == [1, 1, 0]


def test_functions_that_nothing_calls_are_named() -> None:
    found = commands("f() { a; }\ng() { b; }\ng", 1)
    assert [(command.program, command.function) for command in found] == [("g", ""), ("b", ""), ("a", "f")]


def test_a_function_that_calls_itself_ends() -> None:
    assert len(words("f() { a; f; }\nf")) == 3


@pytest.mark.parametrize("shell", ["pwsh", "powershell -command", "cmd", "pwsh.exe"])
def test_other_shells_are_read_line_by_line(shell: str) -> None:
    found = commands(
        '# x\n& dotnet nuget push "a b.nupkg" | Out-Null\ndocker `\n  push x; if ($y) { npm publish }\n', 1, shell=shell
    )
    assert [(command.argv[0], command.line) for command in found if command.argv[0] in ("dotnet", "docker", "npm")] == [
        ("dotnet", 2),
        ("docker", 3),
    ]
    assert found[0].argv == ("dotnet", "nuget", "push", "a b.nupkg")


def test_a_broken_quote_hides_nothing_before_it() -> None:
    assert ("docker", "push", "x") in words("docker push x\nif then; fi 'a\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo hello", False),
        ("", False),
        ("pip install x", False),
        ("docker push x", True),
        ("./build", True),
        ("make release", True),
        ("npm run publish", True),
        ("scripts/x.sh", True),
        ("echo $(twine upload x)", True),
        ("${PREFIX}twine upload x", True),
    ],
)
def test_scripts_without_a_word_of_interest_are_left_alone(text: str, expected: bool) -> None:
    assert worth_parsing(text) is expected


HOSTILE = [
    "a | " * 50_000,
    "a |& " * 20_000,
    "cat <<A <<B\n" * 20_000,
    "<<EOF\n" * 30_000,
    "x=(" * 60_000,
    "((a " * 50_000,
    ">" * 200_000,
    "$(" * 100_000,
    '"$(' * 60_000,
    "`" * 100_001,
    "{" * 200_000,
    "if a; then " * 20_000,
    "if a; then b; fi; " * 10_000,
    "case x in " * 20_000,
    "${a:-" * 40_000,
    "$((1+" * 40_000,
    "'" + "a b " * 60_000,
    "a && " * 50_000,
    "a " * 120_000,
    "a\n" * 120_000,
    "a\\\n" * 80_000,
    "${{ " * 60_000,
    "{{" * 120_000,
    "x=$x$x$x$x\n" * 2_000 + "docker push $x",
    "a=(${a[@]} ${a[@]} b)\n" * 2_000 + 'docker push "${a[@]}"',
    "f() { f; f; }\n" + "f\n" * 5_000,
    "".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}\n" for n in range(200)) + "f0\n",
    "\0" * 1_000,
    "\x01" * 1_000 + "docker push \x010\x02",
    "{" + chr(0xE0698),
    "{ " + chr(0x5F254) + chr(0x106EB4) + "*" + " {" + chr(0x2441),
    "[[ " * 60_000,
    "docker push " + "a" * 200_000,
    "for i in " + "a " * 100_000 + "; do docker push $i; done",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_scripts_take_no_time(text: str) -> None:
    with soon(20):
        found = commands(text[:MAX_SCRIPT], 1)
    assert all(len(word) <= 2 * MAX_SCRIPT for command in found for word in command.argv)


def test_a_script_over_the_limit_says_so() -> None:
    with pytest.raises(InputError, match="limit") as caught:
        commands("docker push x\n" * 100_000, 1)
    assert caught.value.advice


def test_what_the_parser_could_choke_on_is_read_line_by_line() -> None:
    text = "docker push x\n" + "a | " * 3_000
    assert not safe_to_parse(text)
    assert words(text)[0] == ("docker", "push", "x")


TOKENS = st.sampled_from(
    [
        "docker",
        "push",
        "a/b:$T",
        "npm",
        "publish",
        "if",
        "then",
        "else",
        "fi",
        "for",
        "in",
        "do",
        "done",
        "while",
        "case",
        "esac",
        "(",
        ")",
        "{",
        "}",
        "[[",
        "]]",
        "&&",
        "||",
        "|",
        ";",
        "\n",
        "$(",
        ")",
        "`",
        "'",
        '"',
        "\\",
        "<<",
        "<<EOF",
        "EOF",
        ">",
        ">>",
        "2>&1",
        "${X}",
        "${X:-y}",
        "$@",
        "x=1",
        "x=(",
        "x+=(y)",
        "f()",
        "#",
        "${{",
        "}}",
        "${{x}}",
        "{{.Y}}",
        "!",
        "&",
        "<(",
        "$((",
        "))",
        "\t",
        "é",
        "\x00",
        ":",
    ]
)
SCRIPTS = st.lists(TOKENS, max_size=60).map(" ".join) | st.text(max_size=300)


@settings(max_examples=300)
@given(SCRIPTS)
@example("if ")
@example("<<EOF")
@example("$'")
@example("\x015\x02")
@example("{" + chr(0xE0698))
def test_any_text_is_read_and_places_lie_inside_it(text: str) -> None:
    last = text.count("\n") + 1
    for shell in ("", "pwsh"):
        for command in commands(text, 1, {"X": "v"}, shell):
            assert 1 <= command.line <= last
            assert len(command.lines) == len(command.argv)
            assert all(1 <= line <= last for line in command.lines)


WORD = st.sampled_from(
    ["push", "a/b:1", "--x=y", "'q r'", '"s t"', '"u$X"', "$X", "${Y}", "v${X}w", "k=v", "*.whl", "-d"]
)
FIRST = st.sampled_from(["docker", "X=1 docker", "Y='2 3' run", "$X run", "./x", "npm"])
COMMAND = st.builds(
    lambda first, rest, gap: gap.join([first, *rest]),
    FIRST,
    st.lists(WORD, max_size=5),
    st.sampled_from([" ", " \\\n  "]),
) | st.sampled_from(["X=1", "export X='1 2'", "# c", "Y=$X"])
PLAIN = st.lists(st.tuples(COMMAND, st.sampled_from(["\n", " && ", "; "])), max_size=8).map(
    lambda parts: "".join(text + ("\n" if text.startswith("#") else joint) for text, joint in parts) + "end"
)


@settings(max_examples=300)
@given(PLAIN)
@example("X=1 a $X\nb $X")
@example("export X=1 ; a $X")
@example("Y='2 3' \n a $Y \"$Y\" x${Y}")
def test_the_quick_way_says_what_the_grammar_says(text: str) -> None:
    def told(found: list[Command] | None) -> list[tuple[object, ...]]:
        return [(one.argv, one.lines, one.assignments) for one in found or []]

    shield = Shield(text, {})
    quick = read_plain(shield, 1, Variables({"X": "v w"}))
    assert told(quick) == told(read_tree(shield, 1, Variables({"X": "v w"})))
