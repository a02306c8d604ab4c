"""GitHub's expressions: what the file tells, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.publications.circumstances import origin_values
from slsacheck.evidence.publications.expressions import MAX_ALTERNATIVES, alternatives, living, substitute, truth

KNOWN = {
    "env.registry": ("ghcr.io",),
    "inputs.push": ("false",),
    "inputs.attest": ("true",),
    "matrix.name": ("server", "agent"),
    "github.event_name": ("push",),
    "env.image": ("${{ env.registry }}/app",),
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("plain", ("plain",)),
        ("${{ env.REGISTRY }}/x", ("ghcr.io/x",)),
        ("${{ env.IMAGE }}:1", ("ghcr.io/app:1",)),
        ("x/${{ matrix.name }}", ("x/server", "x/agent")),
        ("x/${{ github.sha }}", ("x/${{ github.sha }}",)),
        ("${{ env.registry || 'quay.io' }}", ("ghcr.io",)),
        ("${{ matrix.name == 'agent' && 'a' || 'b' }}", ("b", "a")),
        ("${{ format('{0}/app', env.registry) }}", ("ghcr.io/app",)),
    ],
)
def test_what_is_known_is_put_in(text: str, values: tuple[str, ...]) -> None:
    assert alternatives(text, KNOWN) == values


def test_a_matrix_of_matrices_is_bounded() -> None:
    values = {"matrix.a": tuple("abcdefgh"), "matrix.b": tuple("abcdefgh")}
    assert len(alternatives("${{ matrix.a }}${{ matrix.b }}", values)) == MAX_ALTERNATIVES


def test_one_text_takes_single_values_only() -> None:
    assert substitute("${{ env.registry }}/${{ matrix.name }}", KNOWN) == "ghcr.io/${{ matrix.name }}"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("false", False),
        ("${{ false }}", False),
        ("always()", True),
        ("inputs.push", False),
        ("${{ inputs.push == 'true' }}", False),
        ("inputs.attest && github.ref_type == 'tag'", None),
        ("inputs.push && github.ref_type == 'tag'", False),
        ("!inputs.attest", False),
        ("github.event_name == 'push'", True),
        ("github.event_name != 'pull_request'", True),
        ("github.event_name == 'schedule'", False),
        ("startsWith(github.ref, 'refs/tags/')", None),
        ("contains('a b', 'b')", True),
        ("startsWith('refs/tags/v1', 'refs/heads')", False),
        ("fromJSON(needs.plan.outputs.val)['x'] == 1", None),
        ("(inputs.push || inputs.attest) && true", True),
        ("github.actor == 'x", None),
        ("${{ inputs.attest }} && false", False),
    ],
)
def test_a_condition_is_true_false_or_open(condition: str, expected: bool | None) -> None:
    assert truth(condition, KNOWN) is expected


@given(st.text(alphabet="${}()!&|='a.,[] inputs.push", max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert truth(text, KNOWN) in (True, False, None)
    assert alternatives(text, KNOWN)


def test_deep_nesting_ends() -> None:
    assert truth("(" * 5_000 + "true" + ")" * 5_000, KNOWN) is None


ARMS = "${{ steps.a.outputs.d || steps.b.outputs.d }}"
"""A digest that may be empty where its step did not run, so the other arm stays."""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("${{ false && needs.a.outputs.h || needs.b.outputs.h }}", "${{ needs.b.outputs.h }}"),
        ("${{ inputs.attest && steps.a.outputs.d || steps.b.outputs.d }}", ARMS),
        ("${{ github.ref_type == 'tag' && steps.a.outputs.d || steps.b.outputs.d }}", None),
        ("${{ inputs.push && steps.a.outputs.d || inputs.push && steps.b.outputs.d || 'none' }}", "${{ 'none' }}"),
        ("${{ format('{0}', false && 'a' || 'b') }}", None),
        ("a || b", None),
    ],
)
def test_arms_that_are_never_taken_are_left_out(text: str, left: str | None) -> None:
    assert living(text, KNOWN) == (text if left is None else left)


def test_conditions_know_the_repository_and_names_do_not() -> None:
    known = origin_values("acme/app")
    assert truth("github.repository == 'acme/app'", known) is True
    assert truth("github.repository_owner != 'acme'", known) is False
    assert truth("github.repository == 'acme/app'", origin_values(None)) is None
    assert alternatives("ghcr.io/${{ github.repository }}", known) == ("ghcr.io/${{ github.repository }}",)
    assert alternatives("${{ format('x/{0}', github.repository) }}", known) == (
        "${{ format('x/{0}', github.repository) }}",
    )
