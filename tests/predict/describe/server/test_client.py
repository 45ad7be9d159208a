"""A run against servers that behave as real ones do, at their best and at their worst."""

import asyncio
import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from shoplens.config import LlmSettings
from shoplens.errors import ConfigError, NotFoundError, ShoplensError
from shoplens.predict.describe.server.client import Failed, Llm, OutOfBudget, Patience, Reply
from shoplens.predict.describe.server.place import place_of
from shoplens.predict.describe.server.reply import Answered
from shoplens.predict.describe.server.request import Question
from shoplens.predict.describe.server.spending import Spent
from stub_llm import Call, Says, StubLlm, chat, in_turn, refuses, strict_about, stub_llm

KEY = "sk-very-secret"
QUESTION = Question("system", "text", {"type": "object"}, b"\xff\xd8jpeg", (280, 280))
GOOD = chat({"fit": "slim"})
QUICK = Patience(backoff_s=0.001, longest_wait_s=2.0)


def ask(stub: StubLlm, times: int = 1, **changes: object) -> tuple[list[Reply], Spent]:
    given: Mapping[str, object] = {"url": stub.address, "model": "m", "api_key": KEY, **changes}
    settings = LlmSettings.model_validate(given)

    async def run() -> tuple[list[Reply], Spent]:
        place = place_of(settings.url)
        async with Llm(settings, place, rng=np.random.default_rng(0), patience=QUICK) as llm:
            replies = await asyncio.gather(*(llm.ask(QUESTION) for _ in range(times)))
            return list(replies), llm.purse.spent

    return asyncio.run(run())


def test_a_question_is_one_request_with_picture_schema_and_key() -> None:
    with stub_llm(lambda _: GOOD) as stub:
        (reply,), spent = ask(stub)
    assert isinstance(reply, Answered)
    assert (json.loads(reply.text), reply.cut) == ({"fit": "slim"}, False)
    assert spent == Spent(1, 900, 40)
    (call,) = stub.calls
    assert (call.jpeg, call.text) == (QUESTION.jpeg, "text")
    assert call.body["messages"][0] == {"role": "system", "content": "system"}
    assert call.body["response_format"]["json_schema"]["strict"] is True
    assert (call.body["model"], call.body["max_tokens"], call.body["temperature"]) == ("m", 1000, 0)
    assert "reasoning_effort" not in call.body
    assert call.headers["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_no_key_is_sent_and_thinking_can_be_turned_down() -> None:
    with stub_llm(lambda _: GOOD) as stub:
        ask(stub, api_key="", reasoning="none")
    assert "Authorization" not in stub.calls[0].headers
    assert stub.calls[0].body["reasoning_effort"] == "none"


@pytest.mark.parametrize(
    ("known", "tried"),
    [
        ("json_schema", ["json_schema"]),
        ("json_object", ["json_schema", "json_object"]),
        ("plain", ["json_schema", "json_object", "plain"]),
    ],
)
def test_a_server_that_refuses_a_form_is_asked_in_a_simpler_one_and_that_is_remembered(
    known: str, tried: Sequence[str]
) -> None:
    with stub_llm(strict_about([known], lambda _: GOOD)) as stub:
        replies, _ = ask(stub, times=4)
    assert all(isinstance(reply, Answered) for reply in replies)
    assert [call.form for call in stub.calls] == [*tried, *[known] * 3]


def test_newer_models_of_openai_are_asked_as_they_want_it() -> None:
    def answer(call: Call) -> Says:
        if "max_tokens" in call.body:
            return refuses(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead.",
            )
        if "temperature" in call.body:
            return refuses(400, "Unsupported value: 'temperature' does not support 0")
        return GOOD

    with stub_llm(answer) as stub:
        (reply,), _ = ask(stub)
    assert isinstance(reply, Answered)
    assert stub.calls[-1].body["max_completion_tokens"] == 1000
    assert stub.calls[-1].form == "json_schema"


@pytest.mark.parametrize(
    "says",
    [
        refuses(429, "Rate limit reached", Retry_After="0"),
        refuses(503, "Loading model"),  # llama.cpp while it starts
        refuses(500, "llama runner process has terminated"),
        Says(b"<html>Bad Gateway</html>", 502),
        Says(b'{"choices": [', headers={"Content-Length": "500", "Connection": "close"}),
    ],
    ids=["429", "503", "500", "502", "cut"],
)
def test_what_passes_is_waited_for(says: Says) -> None:
    with stub_llm(in_turn(says, says, GOOD)) as stub:
        (reply,), spent = ask(stub)
    assert isinstance(reply, Answered)
    assert spent == Spent(1, 900, 40), "what was refused cost nothing"


def test_a_server_that_stays_ill_fails_the_question_after_the_attempts() -> None:
    with stub_llm(lambda _: refuses(503, "Loading model")) as stub:
        (reply,), _ = ask(stub, attempts=3)
    assert isinstance(reply, Failed)
    assert reply.trouble
    assert "503: Loading model" in reply.reason
    assert "3 tries" in reply.reason
    assert stub.asked == 3


def test_a_server_that_asks_for_an_hour_is_not_waited_for() -> None:
    with stub_llm(lambda _: refuses(429, "slow down", Retry_After="3600")) as stub:
        (reply,), _ = ask(stub)
    assert isinstance(reply, Failed)
    assert stub.asked == 1


def test_silence_ends_at_the_timeout_and_counts_as_spent() -> None:
    with stub_llm(lambda _: Says(b"", hangs=True)) as stub:
        (reply,), spent = ask(stub, timeout_s=0.2, attempts=2)
    assert isinstance(reply, Failed)
    assert "0.2 s (llm.timeout_s)" in reply.reason
    assert spent == Spent(2, 2 * QUESTION.tokens(), 2000, 2)


@pytest.mark.parametrize(
    ("says", "said"),
    [
        (refuses(401, f"Incorrect API key provided: {KEY}"), "SHOPLENS_LLM__API_KEY"),
        (refuses(403, "not yours"), "SHOPLENS_LLM__API_KEY"),
        (refuses(402, "Insufficient credits"), "Insufficient credits"),
        (refuses(429, "You exceeded your current quota, insufficient_quota"), "quota"),
        (refuses(500, "image input is not supported - hint: mmproj"), "takes pictures"),
        (refuses(400, "At most 0 image(s) may be provided in one prompt."), "takes pictures"),
        (refuses(400, "context is too long"), "refuses in every form"),
        (refuses(307, "", Location="http://elsewhere.example/v1"), "elsewhere.example"),
        (Says(b"<html>hello</html>"), "not as an OpenAI-compatible server"),
        (Says(b"[" * 100_000), "not as an OpenAI-compatible server"),
        (Says(b'{"choices": [' + b" " * 2_000_000), "more than 1,000,000 bytes"),
    ],
    ids=lambda value: value.status if isinstance(value, Says) else None,
)
def test_what_does_not_pass_ends_the_run_in_clear_words(says: Says, said: str) -> None:
    with stub_llm(lambda _: says) as stub, pytest.raises(ShoplensError) as raised:
        ask(stub)
    assert said in str(raised.value)
    assert KEY not in str(raised.value)
    assert stub.asked <= 3


def test_a_server_cannot_write_to_the_terminal() -> None:
    with (
        stub_llm(lambda _: refuses(401, "\x1b[2J\r\nerror: all fine")) as stub,
        pytest.raises(ConfigError) as raised,
    ):
        ask(stub)
    assert str(raised.value).isprintable()


def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    answer = refuses(404, 'model "m" not found, try pulling it first')
    with (
        stub_llm(lambda _: answer) as stub,
        pytest.raises(NotFoundError, match=r"no model 'm'; it has qwen3-vl, gemma4"),
    ):
        ask(stub)


def test_an_address_without_v1_is_told() -> None:
    with stub_llm(lambda _: GOOD) as stub, pytest.raises(ConfigError, match="end in /v1"):
        ask(stub, url=stub.address.removesuffix("/v1"))


def test_nobody_at_the_address_is_told() -> None:
    with stub_llm(lambda _: GOOD) as stub:
        address = stub.address
    with pytest.raises(ShoplensError, match=r"nobody answers at .* 2 tries"):
        ask(stub, url=address, attempts=2)


def test_a_refusal_after_good_answers_costs_one_product_only() -> None:
    tight = refuses(400, "context is too long")
    with stub_llm(in_turn(GOOD, tight, GOOD)) as stub:
        replies, _ = ask(stub, times=3, connections=1)
    assert [type(reply) for reply in replies].count(Failed) == 1
    assert [call.form for call in stub.calls] == ["json_schema"] * 3
    (failed,) = [reply for reply in replies if isinstance(reply, Failed)]
    assert not failed.trouble


def test_the_budget_is_never_passed_and_nothing_is_sent_beyond_it() -> None:
    with stub_llm(lambda _: chat("{}", tokens=(900, 40))) as stub:
        replies, spent = ask(stub, times=9, budget_tokens=5000, max_tokens=100)
    done = [reply for reply in replies if isinstance(reply, Answered)]
    assert {type(reply) for reply in replies} == {Answered, OutOfBudget}
    assert stub.asked == len(done) == spent.requests
    assert spent.tokens <= 5000
    assert spent.tokens + 900 + 100 > 5000, "and it is used up"


def test_a_server_that_does_not_count_is_counted_for() -> None:
    with stub_llm(lambda _: chat("{}", tokens=None)) as stub:
        _, spent = ask(stub)
    assert spent == Spent(1, QUESTION.tokens(), 1000, 1)


def test_an_unfinished_answer_says_so_and_one_in_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": '{"fit"'}, {"type": "text", "text": ': "slim"}'}]
    message = {"message": {"content": parts, "reasoning": "hm"}, "finish_reason": "length"}
    with stub_llm(lambda _: Says({"choices": [message]})) as stub:
        (reply,), _ = ask(stub)
    assert isinstance(reply, Answered)
    assert (reply.text, reply.cut) == ('{"fit": "slim"}', True)


def test_a_key_with_a_line_in_it_is_no_header() -> None:
    with stub_llm(lambda _: GOOD) as stub, pytest.raises(ConfigError, match="copy it once more"):
        ask(stub, api_key="sk-1\nX-Evil: 1")
