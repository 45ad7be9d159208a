"""What questions cost, and a limit that no question passes."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run has cost; ``guessed`` counts answers whose server did not say, or never came."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    guessed: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.requests + other.requests,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.guessed + other.guessed,
        )

    @property
    def tokens(self) -> int:
        """Both kinds together."""
        return self.tokens_in + self.tokens_out

    def price(self, price_in: float, price_out: float) -> float:
        """Give the price, from prices of a million tokens."""
        return (self.tokens_in * price_in + self.tokens_out * price_out) / 1e6


class Purse:
    """Holds back what every question under way may cost at most, so that together they keep within.

    An answer is no longer than ``most_out``. What a question counts is guessed, and the guess grows
    by the worst that the server has shown it to be wrong.
    """

    def __init__(self, limit: int, most_out: int) -> None:
        self._limit = limit
        self._most_out = most_out
        self._held = 0
        self._worst = 1.0
        self._changed = asyncio.Condition()
        self.spent = Spent()

    def most(self, guess_in: int) -> int:
        """Tell what a question can cost."""
        return round(guess_in * self._worst) + self._most_out

    async def take(self, guess_in: int) -> int:
        """Hold back what a question may cost and give that; 0 if the limit leaves no room for it.

        While other questions are under way it waits: they may cost less than was held back.
        """
        async with self._changed:
            while (
                self._limit and self.spent.tokens + self._held + self.most(guess_in) > self._limit
            ):
                if not self._held:
                    return 0
                await self._changed.wait()
            held = self.most(guess_in)
            self._held += held
            return held

    async def settle(self, held: int, guess_in: int, cost: Spent) -> None:
        """Count what a question did cost, instead of what was held back for it."""
        async with self._changed:
            self._held -= held
            self.spent += cost
            if cost.tokens_in and not cost.guessed:
                self._worst = max(self._worst, cost.tokens_in / guess_in)
            self._changed.notify_all()
