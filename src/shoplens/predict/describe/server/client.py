"""Asks the server: patient with what passes, plain about what does not, never over the budget."""

import asyncio
import itertools
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx
import numpy as np

from shoplens.config import LlmSettings
from shoplens.errors import ConfigError, ShoplensError
from shoplens.images.fetch import network_reason
from shoplens.predict.describe.server.place import Place
from shoplens.predict.describe.server.refusal import AgainError, RefusedError, missing, refusal
from shoplens.predict.describe.server.reply import Answered, read_reply, said_in
from shoplens.predict.describe.server.request import Question, Style, body_of
from shoplens.predict.describe.server.spending import Purse, Spent

MAX_BYTES = 1_000_000
"""An answer of a thousand tokens has some kilobytes."""
CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer to one question, and why; ``trouble`` when the server is at fault, not it."""

    reason: str
    trouble: bool = False


@dataclass(frozen=True, slots=True)
class OutOfBudget:
    """The question was not sent: what it may cost is more than what is left."""


Reply = Answered | Failed | OutOfBudget


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between tries: twice as long each time, or as long as the server asks."""

    backoff_s: float = 1.0
    longest_wait_s: float = 60.0


class Llm:
    """One server for one run; ``async with`` closes its connections.

    The first question goes alone: it finds out how the server wants to be asked.
    """

    def __init__(
        self,
        settings: LlmSettings,
        place: Place,
        *,
        rng: np.random.Generator,
        patience: Patience | None = None,
    ) -> None:
        self._settings = settings
        self._place = place
        self._rng = rng
        self._patience = patience or Patience()
        self._key = _key(settings)
        self._style = Style()
        self._settled = False
        self._first = asyncio.Lock()
        self.purse = Purse(settings.budget_tokens, settings.max_tokens)
        self._http = httpx.AsyncClient(
            headers=self._headers(),
            timeout=httpx.Timeout(settings.timeout_s, connect=min(CONNECT_S, settings.timeout_s)),
            limits=httpx.Limits(max_connections=settings.connections),
            follow_redirects=False,  # pictures go where it was said, and nowhere else
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def ask(self, question: Question) -> Reply:
        """Ask, in the simplest way that the server takes, as often as the settings allow.

        Raises:
            ConfigError: the key, the address or the model is wrong, or the model sees no pictures.
            NotFoundError: the server has no such model.
            ShoplensError: nothing is left to pay with, or nobody answers at the address.
        """
        if not self._settled:
            async with self._first:
                if not self._settled:
                    return await self._settle(question)
        return await self._patiently(question, self._style)

    async def _settle(self, question: Question) -> Reply:
        style = self._style
        while True:
            try:
                reply = await self._patiently(question, style)
            except RefusedError as refused:
                simpler = style.simpler(str(refused))
                if simpler is None:
                    raise ConfigError(
                        f"{self._place.address} refuses in every form: {refused}"
                    ) from refused
                style = simpler
                continue
            if isinstance(reply, Answered):
                self._style, self._settled = style, True
            return reply

    async def _patiently(self, question: Question, style: Style) -> Reply:
        body = body_of(question, self._settings, style)
        for attempt in itertools.count(1):
            try:
                return await self._once(body, question.tokens())
            except AgainError as error:
                if failed := await self._wait_or_fail(error, attempt):
                    return failed
            except RefusedError as error:
                if self._settled:
                    return Failed(str(error))
                raise
        raise AssertionError("the loop above has no end")

    async def _wait_or_fail(self, error: "AgainError", attempt: int) -> Failed | None:
        patience = self._patience
        doubled_s = patience.backoff_s * 2 ** (attempt - 1) * self._rng.uniform(0.5, 1.5)
        wait_s = max(error.wait_s, min(doubled_s, patience.longest_wait_s))
        if attempt < self._settings.attempts and wait_s <= patience.longest_wait_s:
            await asyncio.sleep(wait_s)
            return None
        tried = f"{attempt} {'try' if attempt == 1 else 'tries'}"
        if isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
            raise ShoplensError(
                f"nobody answers at {self._place.address} ({error}, {tried}); is the server "
                "running, and is this its address?"
            ) from error
        return Failed(f"{error} ({tried})", trouble=True)

    async def _once(self, body: bytes, guess_in: int) -> Reply:
        held = await self.purse.take(guess_in)
        if not held:
            return OutOfBudget()
        cost = Spent()
        # Nobody says what an answer that never came has cost, so all of it counts.
        lost = Spent(1, guess_in, self._settings.max_tokens, guessed=1)
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                reply = await self._send(body, lost)
            cost = reply.cost
        except TimeoutError as error:
            cost = lost
            seconds = f"{self._settings.timeout_s:g} s"
            raise AgainError(f"no answer within {seconds} (llm.timeout_s)") from error
        except asyncio.CancelledError:
            cost = lost
            raise
        else:
            return reply
        finally:
            await self.purse.settle(held, guess_in, cost)

    async def _send(self, body: bytes, guess: Spent) -> Answered:
        url = f"{self._place.address}/chat/completions"
        try:
            async with self._http.stream("POST", url, content=body) as response:
                told = await _body(response)
        except httpx.ConnectTimeout as error:
            raise AgainError(f"no connection within {CONNECT_S:g} s") from error
        except httpx.TimeoutException as error:
            raise TimeoutError from error
        except httpx.TransportError as error:
            raise AgainError(network_reason(error)) from error
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise missing(self._place, self._settings.model, await self._models())
        if response.status_code != HTTPStatus.OK:
            said = said_in(told, self._key)
            raise refusal(self._place, response, said, settled=self._settled)
        reply = read_reply(told, guess)
        if isinstance(reply, Answered):
            return reply
        if self._settled:
            raise AgainError(f"{self._place.host} answers, but {reply}")
        raise ConfigError(
            f"{self._place.address} answers, but not as an OpenAI-compatible server: {reply}; does "
            "the address end in /v1?"
        )

    async def _models(self) -> bytes:
        try:
            async with self._http.stream("GET", f"{self._place.address}/models") as response:
                return await _body(response)
        except (httpx.TransportError, RefusedError):
            return b""

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return headers


def _key(settings: LlmSettings) -> str:
    key = settings.api_key.get_secret_value().strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("llm.api_key holds characters that no key has; copy it once more")
    return key


async def _body(response: httpx.Response) -> bytes:
    """Read a body of at most ``MAX_BYTES``, packed or not as it comes: a bomb is not unpacked."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise RefusedError(f"an answer of more than {MAX_BYTES:,} bytes is not read")
    return bytes(body)
