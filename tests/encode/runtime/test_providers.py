import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplens.encode.runtime.providers import PROVIDERS, known, options, order
from shoplens.encode.runtime.session import available
from shoplens.errors import ConfigError

OFFICIAL = {name: each.official for name, each in PROVIDERS.items()}


def installed(*names: str) -> set[str]:
    return {OFFICIAL[name] for name in names} | {"AzureExecutionProvider"}


def test_what_is_installed_is_named_the_best_first() -> None:
    assert known(installed("cpu", "openvino", "cuda")) == ("cuda", "openvino", "cpu")


def test_the_processor_is_here() -> None:
    assert available()[-1] == "cpu"


@pytest.mark.parametrize(
    ("wanted", "there", "tried"),
    [
        (("cpu",), ("cpu",), ("cpu",)),
        (("auto",), ("cpu",), ("cpu",)),
        (("auto",), ("cpu", "coreml"), ("coreml", "cpu")),
        (("auto",), ("openvino", "cpu", "cuda"), ("cuda", "openvino", "cpu")),
        (("openvino",), ("openvino", "cpu", "cuda"), ("openvino", "cpu")),
        (("openvino", "auto"), ("openvino", "cpu", "cuda"), ("openvino", "cuda", "cpu")),
        (("cpu", "cuda"), ("cpu", "cuda"), ("cpu",)),
        ((), ("cpu",), ("cpu",)),
    ],
)
def test_they_are_tried_as_asked_for(
    wanted: tuple[str, ...], there: tuple[str, ...], tried: tuple[str, ...]
) -> None:
    assert order(wanted, installed(*there)) == tried


@given(
    wanted=st.lists(st.sampled_from([*PROVIDERS, "auto"])),
    there=st.sets(st.sampled_from([*PROVIDERS])),
)
def test_the_processor_is_always_the_last_and_nothing_is_tried_twice(
    wanted: list[str], there: set[str]
) -> None:
    there |= {"cpu"}
    if not set(wanted) <= there | {"auto"}:
        with pytest.raises(ConfigError, match="not installed"):
            order(wanted, installed(*there))
    else:
        tried = order(wanted, installed(*there))
        assert tried[-1] == "cpu"
        assert len(set(tried)) == len(tried)
        assert set(tried) <= there


@pytest.mark.parametrize(
    ("name", "package"), [("cuda", "onnxruntime-gpu"), ("openvino", "onnxruntime-openvino")]
)
def test_one_that_is_not_installed_is_named_with_its_package(name: str, package: str) -> None:
    with pytest.raises(ConfigError, match=rf"'{name}' is not installed, only cpu .*{package}"):
        order((name,), installed("cpu"))


def test_one_that_nobody_knows_is_named_beside_those_there_are() -> None:
    with pytest.raises(ConfigError, match="'gpu'; there are cuda, coreml, openvino, cpu and auto"):
        order(("gpu",), installed("cpu"))


def test_a_ceiling_of_memory_reaches_the_graphics_card_in_bytes() -> None:
    assert options("cuda", 1, 1500)["gpu_mem_limit"] == "1500000000"
    assert "gpu_mem_limit" not in options("cuda", 1, 0)


def test_options_are_texts_as_onnxruntime_wants_them() -> None:
    for name in PROVIDERS:
        assert all(isinstance(value, str) for value in options(name, 2, 100).values())
