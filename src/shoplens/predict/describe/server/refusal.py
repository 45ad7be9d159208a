"""What an answer other than 200 means: the end, another try, or another way to ask."""

from http import HTTPStatus

import httpx

from shoplens.errors import ConfigError, NotFoundError, ShoplensError
from shoplens.images.fetch import retry_after_s
from shoplens.predict.describe.server.place import Place
from shoplens.predict.describe.server.reply import is_blind, is_out_of_money, names_in, one_line

_TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class AgainError(Exception):
    """A failure that another try may mend; ``wait_s`` is what the server asked for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class RefusedError(Exception):
    """The server does not take this question as it was asked."""


def refusal(place: Place, response: httpx.Response, said: str, *, settled: bool) -> Exception:
    """Give what is to be raised; ``said`` are the server's words.

    ``settled`` says that the server has answered a question before: it can see, and knows the key.
    """
    code = response.status_code
    answer = f"{place.host} answers {code}: {said or response.reason_phrase}"
    if response.is_redirect:
        to = one_line(response.headers.get("location", ""))
        return ConfigError(
            f"{place.address} sends on to {to}, where nobody said that pictures may go; set "
            "llm.url to the right address"
        )
    if code in {401, 403}:
        return ConfigError(f"{answer}; give the right key in SHOPLENS_LLM__API_KEY")
    if code == HTTPStatus.PAYMENT_REQUIRED or (code == 429 and is_out_of_money(said)):
        return ShoplensError(f"{answer}; what is done is kept, the same command goes on")
    if not settled and is_blind(said):
        return ConfigError(f"{answer}; name a model that takes pictures")
    if code in _TRANSIENT:
        return AgainError(answer, retry_after_s(response.headers))
    return RefusedError(answer)


def missing(place: Place, model: str, models: bytes) -> ConfigError | NotFoundError:
    """Tell a model that is not there from an address that is none, by the server's list of models.

    Ollama and vLLM answer both with 404; llama.cpp takes any name.
    """
    names = names_in(models)
    if names is None:
        return ConfigError(
            f"there is nothing at {place.address}/chat/completions; does the address end in /v1?"
        )
    return NotFoundError(f"{place.host} has no model {model!r}; it has {names or 'none'}")
