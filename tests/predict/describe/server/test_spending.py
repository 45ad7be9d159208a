"""No order of questions and answers ever passes the limit."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from shoplens.predict.describe.server.spending import Purse, Spent

MOST_OUT = 50


@given(
    limit=st.integers(1, 2000),
    costs=st.lists(st.tuples(st.integers(1, 200), st.integers(0, MOST_OUT)), max_size=20),
    workers=st.integers(1, 5),
)
def test_questions_at_the_same_time_stay_within_the_limit_together(
    limit: int, costs: list[tuple[int, int]], workers: int
) -> None:
    purse = Purse(limit, MOST_OUT)
    waiting = list(costs)
    refused: list[int] = []

    async def work() -> None:
        while waiting:
            paid_in, paid_out = waiting.pop(0)
            held = await purse.take(paid_in)
            if not held:
                refused.append(paid_in)
                return
            assert purse.spent.tokens + held <= limit
            await asyncio.sleep(0)
            await purse.settle(held, paid_in, Spent(1, paid_in, paid_out))
            assert purse.spent.tokens <= limit

    async def all_of_them() -> None:
        await asyncio.gather(*(work() for _ in range(workers)))

    asyncio.run(asyncio.wait_for(all_of_them(), 20))
    for guess in refused:
        assert purse.spent.tokens + guess + MOST_OUT > limit - workers * (200 + MOST_OUT)
    if not refused:
        paid = sum(paid_in for paid_in, _ in costs), sum(paid_out for _, paid_out in costs)
        assert purse.spent == Spent(len(costs), *paid)


def test_a_guess_that_was_too_low_grows_by_what_it_was_wrong() -> None:
    async def run() -> None:
        purse = Purse(10_000, MOST_OUT)
        held = await purse.take(100)
        assert held == 150
        await purse.settle(held, 100, Spent(1, 300, 10))
        assert purse.most(100) == 350
        await purse.settle(await purse.take(100), 100, Spent(1, 90, 10))
        assert purse.most(100) == 350

    asyncio.run(run())


def test_without_a_limit_everything_is_asked_and_counted() -> None:
    async def run() -> None:
        purse = Purse(0, MOST_OUT)
        for _ in range(3):
            await purse.settle(await purse.take(10**9), 10**9, Spent(1, 10**9, 1))
        assert purse.spent == Spent(3, 3 * 10**9, 3)

    asyncio.run(run())


def test_a_price_is_of_a_million_tokens() -> None:
    assert Spent(2, 2_000_000, 500_000).price(0.5, 2.0) == 2.0
