"""What is the person's lies where the system has it, and the app, engines and --info mean the same place."""

from initterm.pipe.native_output import new_log
from initterm.report import places
from initterm.tui.remembered import memory_path


def test_places_are_below_the_systems_folders_of_the_program(monkeypatch, tmp_path):
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    assert places.settings_file() == memory_path() == tmp_path / "config" / "initterm" / "remembered.json"
    assert places.log_folder() == new_log().parent
    assert {tmp_path / "state", tmp_path / "cache"} <= {
        *places.log_folder().parents,
        *places.cache_folder().parents,
    }
