import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tiny_added
from shoplens.encode.added.manifest import FILE, Manifest, read_manifest, verify_files
from shoplens.encode.added.opening import open_added
from shoplens.encode.added.packing import ENDING, export_model, import_model
from shoplens.errors import ConfigError, MismatchError, NotFoundError, StorageError
from tiny_added import toy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_added.write(tmp_path / "here" / "tiny")
    return tmp_path / "here" / "tiny"


@pytest.fixture
def packed(folder: Path, tmp_path: Path) -> Path:
    export_model(folder, tmp_path)
    return tmp_path / f"tiny{ENDING}"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "there" / "models"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_nothing_is_left(into: Path) -> None:
    assert not into.exists() or list(into.iterdir()) == []


def test_a_model_comes_out_as_it_went_in(folder: Path, tmp_path: Path, into: Path) -> None:
    told = export_model(folder, tmp_path / "out.tar")
    assert told == sha256(tmp_path / "out.tar")
    manifest = import_model(tmp_path / "out.tar", into, told)
    assert manifest == read_manifest(folder)
    assert names(into) == ["tiny"]
    for path in folder.iterdir():
        assert (into / "tiny" / path.name).read_bytes() == path.read_bytes()
    first, second = open_added(folder), open_added(into / "tiny")
    assert first.picture.fingerprint == second.picture.fingerprint


def test_the_file_is_a_plain_tar_and_always_the_same(folder: Path, tmp_path: Path) -> None:
    first = export_model(folder, tmp_path / "a.tar")
    for path in folder.iterdir():
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert export_model(folder, tmp_path / "b.tar") == first
    with tarfile.open(tmp_path / "a.tar") as tar:
        names = tar.getnames()
        assert names == [FILE, "picture.onnx", "text.onnx", "tokenizer.json"]
        assert all(each.isreg() and not each.mtime and not each.uid for each in tar)
        picture = tar.extractfile("picture.onnx")
        assert picture
        assert picture.read() == (folder / "picture.onnx").read_bytes()


def test_into_a_folder_it_goes_by_its_name(packed: Path) -> None:
    assert packed.is_file()


def test_a_folder_is_brought_in_too(folder: Path, into: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    manifest = import_model(folder, into, sha256(folder / FILE))
    assert names(into / "tiny") == sorted([FILE, *(entry.name for entry in manifest.files)])


def test_a_model_of_pictures_only_travels_too(tmp_path: Path, into: Path) -> None:
    tiny_added.write(tmp_path / "alone", "alone", words=False)
    export_model(tmp_path / "alone", tmp_path / "alone.tar")
    assert import_model(tmp_path / "alone.tar", into).text is None


def test_progress_goes_up_to_all_there_is(folder: Path, tmp_path: Path, into: Path) -> None:
    calls: list[tuple[str, int, int]] = []

    def progress(what: str, done: int, total: int) -> None:
        calls.append((what, done, total))

    told = export_model(folder, tmp_path / "x.tar", progress)
    import_model(tmp_path / "x.tar", into, told, progress)
    for what in ("exporting", "checking", "importing"):
        steps = [(done, total) for each, done, total in calls if each == what]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1] > 0


@pytest.mark.parametrize("given", ["{}", "SHA256:{}", " {}\n"])
def test_a_hash_is_taken_as_people_paste_it(packed: Path, into: Path, given: str) -> None:
    assert import_model(packed, into, given.format(sha256(packed).upper())).name == "tiny"


def test_a_wrong_hash_is_refused_before_anything_is_read(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(b"anything")
    with pytest.raises(MismatchError, match=rf"SHA-256 {sha256(path)} where {'0' * 64} is wanted"):
        import_model(path, into, "0" * 64)
    assert_nothing_is_left(into)


def test_a_folder_of_another_hash_is_refused(folder: Path, into: Path) -> None:
    with pytest.raises(MismatchError, match="is wanted"):
        import_model(folder, into, "0" * 64)
    assert_nothing_is_left(into)


@pytest.mark.parametrize("given", ["abc", "g" * 64, "0" * 63])
def test_a_hash_that_is_none_is_told(packed: Path, into: Path, given: str) -> None:
    with pytest.raises(ConfigError, match="is no SHA-256"):
        import_model(packed, into, given)


def test_what_is_not_there_is_named(tmp_path: Path, into: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no file or folder .*nowhere\.tar"):
        import_model(tmp_path / "nowhere.tar", into)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match=f"has no {FILE}"):
        import_model(tmp_path / "empty", into)
    with pytest.raises(NotFoundError, match=f"has no {FILE}"):
        export_model(tmp_path / "empty", tmp_path)


@pytest.mark.parametrize("name", ["config.json", "open_clip_config.json"])
def test_an_original_model_is_sent_to_models_add(tmp_path: Path, into: Path, name: str) -> None:
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / name).write_text("{}")
    with pytest.raises(MismatchError, match=f"shoplens models add {tmp_path / 'clip'}"):
        import_model(tmp_path / "clip", into)


def test_one_that_is_there_already_is_not_written_over(packed: Path, into: Path) -> None:
    import_model(packed, into)
    with pytest.raises(MismatchError, match=r"'tiny' already .*shoplens models remove tiny"):
        import_model(packed, into)
    verify_files(into / "tiny", read_manifest(into / "tiny"))


def test_the_name_of_a_bundled_encoder_is_not_taken(tmp_path: Path, into: Path) -> None:
    tiny_added.write(tmp_path / "x", "lite2")
    with pytest.raises(MismatchError, match="'lite2' is the name of an encoder that comes"):
        import_model(tmp_path / "x", into)


def test_what_a_killed_import_left_behind_is_cleared_away(packed: Path, into: Path) -> None:
    (into / ".tiny.draft").mkdir(parents=True)
    (into / ".tiny.draft" / "picture.onnx").write_bytes(b"half")
    import_model(packed, into)
    assert names(into) == ["tiny"]


def test_a_changed_model_is_not_sent_out(folder: Path, tmp_path: Path) -> None:
    content = bytearray((folder / "text.onnx").read_bytes())
    content[40] ^= 1
    (folder / "text.onnx").write_bytes(content)
    with pytest.raises(MismatchError, match=r"text\.onnx has the SHA-256"):
        export_model(folder, tmp_path / "out.tar")
    assert not list(tmp_path.glob("out.tar*"))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_of_a_damaged_file_nothing_is_left_or_all_that_is_hashed(
    packed: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Without the file's own hash a changed word of the licence, say, cannot be told."""
    content = bytearray(packed.read_bytes())
    if data.draw(st.booleans(), "cut"):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    path, into = tmp_path / "damaged.tar", tmp_path / "into"
    path.write_bytes(content)
    try:
        manifest = import_model(path, into)
    except MismatchError:
        assert_nothing_is_left(into)
    else:
        verify_files(into / manifest.name, manifest)
        shutil.rmtree(into)


def tar_of(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in members:
            if member.isreg():
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def good(folder: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    names = [FILE, "picture.onnx", "text.onnx", "tokenizer.json"]
    return [(tarfile.TarInfo(name), (folder / name).read_bytes()) for name in names]


def odd(name: str, kind: bytes, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member, b""


def test_a_tar_of_the_same_files_by_another_program_will_do(
    folder: Path, tmp_path: Path, into: Path
) -> None:
    assert import_model(tar_of(tmp_path / "x.tar", good(folder)), into).name == "tiny"


Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], list[tuple[tarfile.TarInfo, bytes]]]
MEAN: dict[str, tuple[Change, str]] = {
    "a link": (
        lambda had: [had[0], odd("picture.onnx", tarfile.SYMTYPE, "/etc/passwd"), *had[2:]],
        "no plain file",
    ),
    "a hard link": (
        lambda had: [*had, odd("other", tarfile.LNKTYPE, "model.json")],
        "no plain file",
    ),
    "a folder": (lambda had: [had[0], odd("x", tarfile.DIRTYPE), *had[1:]], "no plain file"),
    "a device": (lambda had: [*had, odd("x", tarfile.CHRTYPE)], "no plain file"),
    "a path out": (
        lambda had: [*had, (tarfile.TarInfo("../../evil"), b"x")],
        "tells nothing of the file",
    ),
    "a path from the root": (
        lambda had: [*had, (tarfile.TarInfo("/tmp/evil"), b"x")],  # noqa: S108
        "tells nothing of the file",
    ),
    "a stranger": (
        lambda had: [*had, (tarfile.TarInfo("run.py"), b"x")],
        "tells nothing of the file 'run.py'",
    ),
    "a file twice": (lambda had: [*had, had[1]], "came twice"),
    "its own model.json twice": (lambda had: [*had, had[0]], "came twice"),
    "a file too long": (
        lambda had: [*had[:3], (tarfile.TarInfo("tokenizer.json"), bytes(50_000))],
        "has 50,000 bytes where",
    ),
    "a file too few": (lambda had: had[:3], "'tokenizer.json' is missing"),
    "another order": (lambda had: had[::-1], f"does not begin with a {FILE}"),
    "nothing": (lambda _: [], f"does not begin with a {FILE}"),
    "a name too long for a header": (
        lambda had: [*had, (tarfile.TarInfo("x" * 300), b"x")],
        "no plain file",
    ),
}


@pytest.mark.parametrize("case", MEAN)
def test_a_tar_with_anything_else_in_it_is_refused(
    folder: Path, tmp_path: Path, into: Path, case: str
) -> None:
    change, message = MEAN[case]
    path = tar_of(tmp_path / "mean.tar", change(good(folder)))
    with pytest.raises(MismatchError, match=message):
        import_model(path, into)
    assert_nothing_is_left(into)
    assert not list(tmp_path.rglob("evil"))


def test_a_model_json_with_a_path_in_it_is_refused(
    folder: Path, tmp_path: Path, into: Path
) -> None:
    told = json.loads((folder / FILE).read_text("utf-8"))
    told["name"] = "../../evil"
    members = good(folder)
    members[0] = (tarfile.TarInfo(FILE), json.dumps(told).encode())
    with pytest.raises(MismatchError, match="plain file name"):
        import_model(tar_of(tmp_path / "x.tar", members), into)
    assert_nothing_is_left(into)


def test_a_header_with_a_size_below_nothing_ends(folder: Path, tmp_path: Path, into: Path) -> None:
    member = tarfile.TarInfo("picture.onnx")
    member.size = -512
    first = tarfile.TarInfo(FILE)
    content = (folder / FILE).read_bytes()
    first.size = len(content)
    path = tmp_path / "x.tar"
    filled = content + bytes(-len(content) % 512)
    path.write_bytes(first.tobuf() + filled + member.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    with pytest.raises(MismatchError):
        import_model(path, into)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + bytes(600), b"\x1f\x8b" + bytes(600)])
def test_a_file_of_another_kind_is_told_what_is_wanted(
    tmp_path: Path, into: Path, content: bytes
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(MismatchError, match=r"model\.safetensors"):
        import_model(path, into)


def test_a_model_that_fails_its_self_test_is_not_kept(folder: Path, into: Path) -> None:
    manifest = read_manifest(folder)
    tiny_added.write_text(folder / "text.onnx", toy("other"))
    tiny_added.rewrite(folder, manifest)
    with pytest.raises(MismatchError, match=r"text\.onnx does not reproduce its self-test"):
        import_model(folder, into)
    assert_nothing_is_left(into)


def test_more_than_the_disk_holds_is_refused_before_it_is_written(folder: Path, into: Path) -> None:
    manifest: Manifest = read_manifest(folder)
    huge = tuple(replace(entry, bytes=10**18) for entry in manifest.files)
    (folder / FILE).write_text(replace(manifest, files=huge).to_json(), "utf-8")
    with pytest.raises(StorageError, match=r"takes 3,000,000,000,000 MB, and .* MB left"):
        import_model(folder, into)
    assert_nothing_is_left(into)


FULL = """
import resource
import sys
from pathlib import Path
from shoplens.encode.added.packing import export_model, import_model
from shoplens.errors import StorageError

work, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    (export_model if work == "export" else import_model)(source, target)
except StorageError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for files")
@pytest.mark.parametrize("work", ["export", "import"])
def test_a_disk_that_refuses_is_one_line_and_nothing_half_is_left(
    folder: Path, packed: Path, into: Path, tmp_path: Path, work: str
) -> None:
    into.mkdir(parents=True)
    paths = [folder, tmp_path / "out.tar"] if work == "export" else [packed, into]
    command = [sys.executable, "-c", FULL, work, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "File too large; nothing was kept" in done.stdout
    assert_nothing_is_left(into)
    assert not list(tmp_path.glob("out.tar*"))


def test_rows_after_the_journey_are_those_before(folder: Path, packed: Path, into: Path) -> None:
    import_model(packed, into)
    picture = np.random.default_rng(0).integers(0, 256, (60, 50, 3), np.uint8)
    rows = [
        tower.encode([tower.prepare(picture)])
        for tower in (open_added(folder).picture, open_added(into / "tiny").picture)
    ]
    np.testing.assert_array_equal(rows[0], rows[1])
