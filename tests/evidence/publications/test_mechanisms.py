"""The names of mechanisms, the trust roots that speak for them, the atoms they refute."""

from slsacheck.catalog import load
from slsacheck.evidence.publications.mechanisms import MECHANISMS, mechanism


def test_every_root_is_in_the_catalogue() -> None:
    known = {root.id for root in load().trust_roots}
    assert {row.root for row in MECHANISMS.values() if row.root} <= known


def test_every_atom_that_a_mechanism_refutes_is_in_the_catalogue() -> None:
    catalogue = load()
    atoms = {atom for row in MECHANISMS.values() for atom, _ in row.refutes}
    assert atoms
    assert all(catalogue.atom(atom) for atom in atoms)


def test_what_nobody_knows_proves_nothing() -> None:
    unknown = mechanism("somebody/attest")
    assert (unknown.level, unknown.signed, unknown.root) == (0, False, None)


def test_unsigned_provenance_stays_at_level_1() -> None:
    assert all(row.level <= 1 for row in MECHANISMS.values() if not row.signed)
