"""Outputs appear whole, or nothing changes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hepatica.errors import OutputError
from hepatica.study.outputs import refuse_foreign, write_outputs


def run_of(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return files with the run.json that names them."""
    outputs = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {"run.json": json.dumps({"outputs": outputs}).encode(), **files}


FILES = run_of({"tables/a.csv": b"a\n"})


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_files_appear_below_the_folder(tmp_path: Path) -> None:
    write_outputs(tmp_path / "new" / "out", FILES)
    assert everything(tmp_path / "new" / "out") == FILES


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_outputs(out, run_of({"tables/a.csv": b"a\n", "old.txt": b"old"}))
    write_outputs(out, FILES)
    assert everything(out) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_other_files_is_left_as_it_is(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(OutputError, match="not written by a run"):
        write_outputs(out, FILES)
    assert everything(out) == {"thesis.docx": b"years of work"}


def test_a_file_in_the_place_of_the_folder_is_left(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"x")
    with pytest.raises(OutputError, match="is a file"):
        write_outputs(tmp_path / "out", FILES)


def test_when_writing_fails_the_earlier_run_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_outputs(out, FILES)
    write = Path.write_bytes

    def full_disk(path: Path, content: bytes) -> int:
        if path.name == "b.csv":
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OutputError, match=r"No space left on device\. Nothing was changed"):
        write_outputs(out, {"run.json": b"new", "b.csv": b""})
    assert everything(out) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_when_renaming_fails_the_earlier_run_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_outputs(out, FILES)
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if Path(target) == out and (path / "new.txt").exists():
            raise OSError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(OutputError, match="Permission denied"):
        write_outputs(out, {"run.json": b"new", "new.txt": b""})
    assert everything(out) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_place_that_cannot_hold_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_outputs(tmp_path / "file" / "out", FILES)


@pytest.mark.parametrize("name", ["notes.txt", "study.yaml", "data/adsl.csv", "tables/b.csv"])
def test_files_that_were_added_to_an_earlier_run_are_kept(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    write_outputs(out, FILES)
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_bytes(b"years of work")
    with pytest.raises(OutputError, match=f"the first is {name}"):
        write_outputs(out, FILES)
    assert everything(out) == FILES | {name: b"years of work"}


def test_a_file_of_an_earlier_run_that_was_changed_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_outputs(out, FILES)
    (out / "tables" / "a.csv").write_bytes(b"corrected")
    with pytest.raises(OutputError, match=r"the first is tables/a\.csv"):
        write_outputs(out, FILES)
    assert (out / "tables" / "a.csv").read_bytes() == b"corrected"


def test_what_a_file_manager_leaves_behind_does_not_count(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_outputs(out, FILES)
    (out / ".DS_Store").write_bytes(b"")
    write_outputs(out, FILES)
    assert everything(out) == FILES


@pytest.mark.parametrize("out", [".", "study", "study/.."])
def test_the_study_is_never_replaced(tmp_path: Path, out: str) -> None:
    """Even where every file is a run's own, as in a folder of constructed patients."""
    study = tmp_path / "study"
    write_outputs(study, FILES)
    with pytest.raises(OutputError, match="holds the study itself"):
        refuse_foreign(tmp_path / out, study=study)
    refuse_foreign(study / "output", study=study)


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    write_outputs(tmp_path / "link", FILES)
    assert (tmp_path / "link").is_symlink()
    assert everything(tmp_path / "real") == FILES


@pytest.mark.parametrize("moved", [0, 1])
def test_an_interruption_between_the_renamings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    out = tmp_path / "out"
    write_outputs(out, FILES)
    rename, calls = Path.rename, []

    def interrupted(path: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == moved + 1:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_outputs(out, run_of({"new.txt": b""}))
    assert everything(out) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
