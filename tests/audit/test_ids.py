import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.audit.ids import ulid

MOST = 2**48 - 1


@pytest.mark.parametrize(
    ("milliseconds", "entropy", "written"),
    [
        (0, bytes(10), "00000000000000000000000000"),
        (MOST, b"\xff" * 10, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
        (1469918176385, bytes(10), "01ARYZ6S410000000000000000"),
        (0, bytes([*[0] * 9, 31]), "0000000000000000000000000Z"),
        (0, bytes([128, *[0] * 9]), "0000000000G000000000000000"),
    ],
)
def test_an_id_is_a_ulid(milliseconds, entropy, written):
    """The time fills ten characters and the random bits sixteen, most significant first."""
    assert ulid(milliseconds, entropy) == written


@given(
    st.tuples(st.integers(0, MOST), st.binary(min_size=10, max_size=10)),
    st.tuples(st.integers(0, MOST), st.binary(min_size=10, max_size=10)),
)
def test_ids_sort_by_time(left, right):
    """Ids compare as text the way time and then the random bits compare, and differ where those do."""
    assert (ulid(*left) < ulid(*right)) == (left < right)
