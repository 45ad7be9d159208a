from collections.abc import Iterator

import pytest

from served_shop import Serve, problem
from shoplens.engine import Engine
from shoplens.errors import ImageError, NotFoundError, QueryError, ShoplensError
from shoplens.serve.problems import STATUS, TITLES, Problem, status_of, told


def tree(root: type[ShoplensError] = ShoplensError) -> Iterator[type[ShoplensError]]:
    if root.__module__ == "shoplens.errors":  # a room may refine one for itself
        yield root
    for child in root.__subclasses__():
        yield from tree(child)


@pytest.mark.parametrize("error", list(tree()), ids=lambda error: error.__name__)
def test_every_error_has_its_own_line_in_the_table(error: type[ShoplensError]) -> None:
    assert error in STATUS
    assert 400 <= STATUS[error] < 600
    assert STATUS[error] in TITLES


def test_a_plugins_error_takes_its_parents_status() -> None:
    class PluginError(NotFoundError):
        """Somebody else's."""

    assert status_of(PluginError) == STATUS[NotFoundError] == 404
    assert status_of(QueryError) == 400
    assert status_of(ImageError) == 422


def test_a_problem_says_what_rfc_9457_wants() -> None:
    made = Problem(404, "no product 'x'")
    assert made.headers["content-type"] == "application/problem+json"
    assert b'"title":"Not found"' in bytes(made.body)
    assert b"position" not in bytes(made.body)
    assert b'"position":3' in bytes(Problem(400, "wrong", position=3).body)


def test_every_documented_status_has_a_title() -> None:
    assert told(400, 422)[400]["description"] == TITLES[400]
    with pytest.raises(KeyError):
        told(418)


def test_what_nobody_foresaw_is_told_without_its_insides_but_logged(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_engine: Engine) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(Engine, "fields", broken)
    with serve() as client:
        answer = client.get("/v1/fields")
        told = problem(answer, 500)
    assert "swordfish" not in answer.text
    assert told["instance"].startswith("urn:uuid:")
    (logged,) = [r for r in caplog.records if told["instance"] in r.getMessage()]
    assert logged.exc_info


def test_an_address_that_is_not_there_is_a_problem_too(serve: Serve) -> None:
    with serve() as client:
        problem(client.get("/v2/nothing"), 404)
        problem(client.post("/v1/fields"), 405)
