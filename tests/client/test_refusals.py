"""The same talk that both clients lead, led by hand: no socket, no waiting."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from shoplens.client import asking
from shoplens.client.answers import Status
from shoplens.client.refusals import LONGEST_PAUSE_S, error_of, patiently, pause_after, status_of
from shoplens.client.wire import Reply, Request, T, Talk
from shoplens.errors import (
    BusyError,
    ConfigError,
    FeedError,
    ImageError,
    MissingExtraError,
    NotFoundError,
    QueryError,
    ShoplensError,
)
from shoplens.serve.problems import STATUS, Problem

GOOD = Reply(200, b'{"products": {"indexed": 1}}')
BROKEN = Reply(0, b"http://shop broke the connection off", broken=True)
SLOW = Reply(0, b"http://shop did not answer in time")


def refused(status: int, detail: str = "no", **more: Any) -> Reply:
    """Answer as the server does."""
    headers: dict[str, str] = more.pop("headers", {})
    made = Problem(status, detail, headers=headers, **more)
    return Reply(status, bytes(made.body), dict(made.headers.items()))


def lead(talk: Talk[T], replies: Iterable[Reply], retries: int = 2) -> tuple[T, list[Request]]:
    """Answer each request with the next reply; give the result and what was asked."""
    patient = patiently(talk, retries)
    asked = [next(patient)]
    for reply in replies:
        try:
            request = patient.send(reply)
        except StopIteration as end:
            return end.value, asked
        asked.append(request)
    raise AssertionError(f"it asks once more: {asked[-1]}")


@pytest.mark.parametrize(
    ("first", "pause_s"),
    [
        (BROKEN, 0.0),
        (refused(503), 0.25),
        (refused(503, headers={"retry-after": "7"}), 7.0),
        (refused(429, headers={"retry-after": "0"}), 0.0),
        (
            refused(
                503,
                headers={
                    "date": "Sat, 21 Nov 2026 08:00:00 GMT",
                    "retry-after": "Sat, 21 Nov 2026 08:00:09 GMT",
                },
            ),
            9.0,
        ),
        (refused(503, headers={"retry-after": "soon"}), 0.25),
    ],
)
def test_what_may_help_is_asked_again_after_a_pause(first: Reply, pause_s: float) -> None:
    status, asked = lead(asking.status(), [first, GOOD])
    assert status == Status({"indexed": 1})
    assert [one.after_s for one in asked] == [0, pause_s]


@pytest.mark.parametrize(
    "reply",
    [
        SLOW,
        refused(429),
        refused(500),
        refused(404),
        refused(503, headers={"retry-after": f"{LONGEST_PAUSE_S + 1:.0f}"}),
        refused(429, headers={"retry-after": "Sat, 21 Nov 2026 08:00:09 GMT"}),
    ],
)
def test_what_would_not_help_is_not_asked_again(reply: Reply) -> None:
    assert pause_after(reply, 0) is None
    with pytest.raises(ShoplensError):
        lead(asking.status(), [reply])


def test_pauses_grow_and_the_last_refusal_is_the_error() -> None:
    assert [pause_after(BROKEN, n) for n in range(4)] == [0, 0.5, 1, 2]
    replies = [refused(503, "first"), refused(503, "second"), refused(503, "third")]
    with pytest.raises(BusyError, match="third"):
        lead(asking.status(), replies)
    with pytest.raises(BusyError, match="first"):
        lead(asking.status(), replies, retries=0)


def test_a_feed_is_sent_once_only() -> None:
    for reply in (BROKEN, refused(503, headers={"retry-after": "0"})):
        with pytest.raises(BusyError):
            lead(asking.queue(b"id,title\n", {}), [reply])


def test_a_product_whose_removal_was_answered_into_the_void_is_removed() -> None:
    lead(asking.remove("x"), [BROKEN, refused(404)])
    for replies in ([refused(404)], [refused(503), refused(404)]):
        with pytest.raises(NotFoundError):
            lead(asking.remove("x"), replies)


def test_not_being_ready_is_an_answer() -> None:
    assert lead(asking.ready(), [refused(503, headers={"retry-after": "1"})])[0] is False
    assert lead(asking.ready(), [Reply(200, b'{"status": "ready"}')])[0] is True


PAGES: Iterable[tuple[Reply, str]] = [
    (Reply(502, b"<html>Bad Gateway"), "status 502 and not as shoplens answers: '<html>Bad"),
    (Reply(301, b"", {"location": "https://shop/"}), "it is at https://shop/ now"),
    (Reply(0, b"broke off", broken=True, sent_bytes=30_000_000), "30,000,000 bytes may be more"),
]


@pytest.mark.parametrize(("reply", "told"), PAGES)
def test_what_is_no_problem_of_ours_is_told_in_words(reply: Reply, told: str) -> None:
    assert told in str(error_of(Request("GET", "/"), reply))


def test_a_page_where_an_answer_should_be_is_an_error() -> None:
    for body in (b"<html>", b"[]", b'{"images": 1}', b'{"products": {"indexed": "1"}}'):
        with pytest.raises(ShoplensError):
            lead(asking.status(), [Reply(200, body)])


LIKE: Mapping[type[ShoplensError], type[ShoplensError]] = {
    ConfigError: ShoplensError,  # the server's setting is nothing that a client could set right
    MissingExtraError: ConfigError,
}


@pytest.mark.parametrize("raised", STATUS, ids=lambda error: error.__name__)
def test_an_error_of_the_server_arrives_as_its_like(raised: type[ShoplensError]) -> None:
    request = Request("PUT", "/", refused=FeedError if raised is FeedError else ImageError)
    arrived = error_of(request, refused(STATUS[raised], "why"))
    assert type(arrived) is LIKE.get(raised, raised)
    assert (str(arrived), status_of(arrived)) == ("why", STATUS[raised])


def test_a_body_that_makes_no_sense_is_a_question_not_understood() -> None:
    mistakes = [{"at": "limit", "reason": "too small", "new": 1}]
    error = error_of(Request("POST", "/"), refused(422, "limit: too small", errors=mistakes))
    assert type(error) is QueryError
    assert error.position is None


def test_a_job_is_looked_at_less_and_less_often() -> None:
    def job(**told: Any) -> Reply:
        return Reply(200, json.dumps({"job_id": "1", "state": "running", **told}).encode())

    seen: list[int] = []
    replies = [*(job(done=n // 2) for n in range(12)), job(state="done", done=6)]
    ended, asked = lead(asking.wait("1", lambda now: seen.append(now.done), None), replies)
    assert ended.done == 6
    assert seen == list(range(7))
    pauses = [one.after_s for one in asked]
    assert pauses[:3] == [0, 0.1, pytest.approx(0.15)]
    assert (pauses == sorted(pauses), pauses[-1]) == (True, 2.0)
    with pytest.raises(BusyError, match=r"still running after 0\.2 s"):
        lead(asking.wait("1", None, 0.2), [job()] * 3)
