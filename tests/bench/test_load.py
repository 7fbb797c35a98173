"""How the load counts."""

from __future__ import annotations

import pytest

from tests.bench.load import Tally, kind_of, percentile


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1, 100), (0.01, 1), (0, 1), (0.995, 100)])
def test_percentile(share: float, value: int) -> None:
    """The value itself and never one between two: a p99 must be an answer somebody waited for."""
    assert percentile(range(100, 0, -1), share) == value


def test_percentile_of_few() -> None:
    assert (percentile([], 0.99), percentile([3], 0.5), percentile([3, 1], 0.5)) == (0, 3, 1)


def test_good_submits_a_second_are_those_of_all_people_in_the_time_of_the_rounds() -> None:
    whole = Tally(seconds=2)
    for at in range(3):
        whole.add(Tally(seconds=9, submits=[0.1, 0.2], reads=[0.1], finished=1, reopened=at))
    assert (whole.rate, len(whole.reads), whole.finished, whole.reopened) == (3, 3, 3, 3)
    assert Tally().rate == 0


def test_errors_are_counted_by_kind_of_address() -> None:
    assert kind_of("/attempts/12/items/3/?x=1") == kind_of("/attempts/7/items/10/") == "/attempts/n/items/n/"
