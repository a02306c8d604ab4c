"""Records: frozen, slotted, equal by value, and dataclasses to everybody else."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from functools import cached_property

import pytest

from slsacheck.record import FrozenError, field, record, replace


@record
class Point:
    """A point."""

    x: int
    y: int = 2
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def sum(self) -> int:
        """Both."""
        return self.x + self.y


@record
class Named(Point):
    """A point with a name."""

    name: str = "origin"


@record(slots=False)
class Wide:
    """A record with a cached property."""

    x: int

    @cached_property
    def square(self) -> int:
        """Computed once."""
        return self.x * self.x


@record
class Other:
    """Another class with the same fields."""

    x: int
    y: int = 2


@record
class Checked:
    """A record that looks at itself."""

    x: int

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("negative")


def test_construction_and_defaults() -> None:
    point = Point(1)
    assert (point.x, point.y, point.tags, point.sum) == (1, 2, {}, 3)
    assert Point(1).tags is not Point(1).tags
    assert repr(point) == "Point(x=1, y=2, tags={})"
    assert Named(1, 2, {}, "a").name == Named(x=1, name="a").name == "a"
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point(1, z=3)  # type: ignore[call-arg]


def test_frozen_and_slotted() -> None:
    point = Point(1)
    with pytest.raises(FrozenError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenError):
        del point.x
    assert not hasattr(point, "__dict__")
    assert Wide(3).square == 9


def test_equality_and_hash_by_value_and_type() -> None:
    assert Other(1) == Other(1) != Other(2)
    assert hash(Other(1)) == hash(Other(1))
    others: list[object] = [Checked(1), 1, None]
    assert Other(1) not in others
    assert len({Other(1), Other(1), Other(2)}) == 2


def test_replace() -> None:
    assert replace(Point(1), y=5) == dataclasses.replace(Point(1), y=5) == Point(1, 5)
    with pytest.raises(TypeError):
        replace(Point(1), z=1)


def test_the_standard_library_takes_it_for_a_dataclass() -> None:
    assert dataclasses.is_dataclass(Point(1))
    assert [one.name for one in dataclasses.fields(Named)] == ["x", "y", "tags", "name"]
    assert dataclasses.asdict(Point(1)) == {"x": 1, "y": 2, "tags": {}}


def test_copy_and_pickle() -> None:
    for made in (copy.copy(Point(1, 4)), copy.deepcopy(Point(1, 4)), pickle.loads(pickle.dumps(Point(1, 4)))):
        assert made == Point(1, 4)


def test_matching_and_post_init() -> None:
    match Point(1, 7):
        case Point(x, y):
            assert (x, y) == (1, 7)
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)


@record(frozen=False)
class Counter:
    """A record whose fields change."""

    count: int = 0


def test_a_record_that_may_change_has_no_hash() -> None:
    counter = Counter()
    counter.count += 1
    assert counter == Counter(1)
    with pytest.raises(TypeError):
        hash(counter)


def test_the_first_instances_are_made_as_the_later_ones() -> None:
    @record
    class Fresh:
        """Nobody made one of these yet."""

        x: int
        y: int = 2
        tags: list[int] = field(default_factory=list)

    made = [Fresh(number, y=number) for number in range(100)]
    assert [(one.x, one.y, one.tags) for one in made] == [(number, number, []) for number in range(100)]
    assert len({id(one.tags) for one in made}) == 100


@pytest.mark.parametrize(("args", "values"), [((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1})])
def test_arguments_that_do_not_fit_are_refused_at_once(args: tuple[int, ...], values: dict[str, int]) -> None:
    @record
    class Fresh:
        """Nobody made one of these yet."""

        x: int
        y: int = 2
        tags: list[int] = field(default_factory=list)

    with pytest.raises(TypeError, match=r"Fresh\.__init__\(\)"):
        Fresh(*args, **values)  # type: ignore[arg-type]
