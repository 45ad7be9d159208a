import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from shoplens.encode.hub.loading import vision


def test_torchvision_can_be_imported_whether_its_binary_fits_or_not() -> None:
    run = (
        "import shoplens.encode.hub.loading.vision as v, torchvision, torch;"
        "torch.ops.torchvision.nms; print('ok')"
    )
    done = subprocess.run([sys.executable, "-c", run], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "ok"


def test_nothing_is_declared_twice() -> None:
    assert vision.declare_operators() == ()


@pytest.mark.skipif(find_spec("torchvision") is None, reason="torchvision is not installed")
def test_the_names_of_all_operators_are_found() -> None:
    spec = find_spec("torchvision")
    assert spec is not None
    assert spec.origin is not None
    source = (Path(spec.origin).parent / "_meta_registrations.py").read_text("utf-8")
    names = vision.NAMED.findall(source)
    assert {"nms", "roi_align", "deform_conv2d"} <= {*names}
