"""What paging remembers: as exact as a dictionary, in a tenth of its memory."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from tap_running import SAME_EACH_TIME

from tap_sevdesk.seen import BUCKETS, Known, Seen, short

few = st.integers(0, 3).map(lambda i: str(1 + i * BUCKETS))  # all in one bucket
across = st.sampled_from([str(256**i) for i in range(6)])  # of zeros, which also stand between two entries
strange = st.sampled_from(["0", "007", "7", "-7", "٧", "7_0", " 7", "9" * 14, "9" * 15, "9" * 30, "abc", ""])
identities = few | across | strange | st.integers(0, 10**18).map(str)
versions = st.none() | st.integers(0, 2**35 - 2)
knowledge = st.builds(
    Known, versions, st.integers(1, 63), st.none() | st.integers(1, 2**22 - 1), st.booleans()
)


@given(st.lists(st.tuples(identities, knowledge), max_size=40))
@SAME_EACH_TIME
def test_each_row_is_known_as_it_was_put_last_and_no_other_is(rows: list[tuple[str, Known]]) -> None:
    seen, truth = Seen(), dict[str, Known]()
    for identity, known in rows:
        (key,), (found,) = seen.look([identity])
        assert found == truth.get(identity)
        put = seen.add if found is None else seen.replace
        put(key, known.version, known.seen_in, known.place, fresh=known.fresh)
        truth[identity] = known
    keys, found_all = seen.look(truth)
    assert found_all == list(truth.values()) == [seen.get(key) for key in keys]
    assert len(seen) == len(truth)


def test_a_version_that_does_not_fit_stays_the_same_version_each_time() -> None:
    assert [short(version) for version in (-5, 0, 17, 2**35)] == [0, 0, 17, 2**35 - 2]


def test_a_place_that_does_not_fit_is_not_kept() -> None:
    seen = Seen()
    (key,), _ = seen.look(["17"])
    seen.add(key, 1, 1, 2**22, fresh=False)
    assert seen.get(key) == Known(1, 1, None, fresh=False)


def test_a_row_takes_some_twenty_bytes() -> None:
    tracemalloc.start()
    seen = Seen()
    for start in range(0, 60_000, 1000):
        keys, _ = seen.look([str(456_000_000 + 17 * i) for i in range(start, start + 1000)])
        for place, key in enumerate(keys, start + 1):
            seen.add(key, 1_780_000_000, 1, place, fresh=False)
    del keys
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used / 60_000 < 32
