import pytest

from shoplens.encode.hub.fetching.files import weights_of
from shoplens.encode.hub.fetching.sources import check_name
from shoplens.encode.hub.known import known_models, read_table
from shoplens.errors import MismatchError

ENTRY = """
[tiny]
repo = "a/b"
loader = "{loader}"
licence = "mit"
commercial = true
gated = false
files = ["config.json"]
download_mb = 1
parameters_m = {{ picture = 1, text = 0.5 }}
dim = 8
size_px = 32
languages = ["en"]
templates = ["{template}"]
picture_only = false
"""


def test_every_known_model_has_a_name_and_all_that_its_loader_needs() -> None:
    for known in known_models():
        check_name(known.name)
        assert weights_of(known.files, known.loader), known.name
        config = "open_clip_config.json" if known.loader == "open_clip" else "config.json"
        assert config in known.files, known.name
        assert known.picture_only == (not known.templates), known.name


def test_an_entry_is_read() -> None:
    (known,) = read_table(ENTRY.format(loader="onnx", template="a photo of {}"))
    assert (known.name, known.loader, known.parameters_m) == ("tiny", "onnx", (1.0, 0.5))


@pytest.mark.parametrize(
    "text",
    [
        ENTRY.format(loader="pickle", template="{}"),
        ENTRY.format(loader="onnx", template="no place"),
        ENTRY.format(loader="onnx", template="{}").replace("dim = 8\n", ""),
        ENTRY.format(loader="onnx", template="{}") + "colour = 1\n",
    ],
)
def test_an_entry_that_is_not_whole_is_named(text: str) -> None:
    with pytest.raises(MismatchError, match="tiny"):
        read_table(text)
