"""Where the binary is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from qgen_sidecar import BinaryNotFound, _find


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = executable(tmp_path / "other-name")
    monkeypatch.setenv(_find.VARIABLE, str(binary))
    assert _find.find_binary() == str(binary)


def test_a_wrong_variable_is_an_error_not_a_fallback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(_find.VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(BinaryNotFound, match=r"gone .*does not exist"):
        _find.find_binary()


def test_beside_the_libraries_of_a_prefix_and_of_a_target(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "python3.11" / "site-packages" / "qgen_sidecar"
    places = list(_find._beside_libraries(package))
    assert tmp_path / "bin" / _find.NAME in places
    assert package.parent / "bin" / _find.NAME in places


def test_the_error_lists_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(_find.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    places = [tmp_path / "a" / _find.NAME, tmp_path / "b" / _find.NAME]
    monkeypatch.setattr(_find, "_places", lambda: iter(places))
    with pytest.raises(BinaryNotFound) as caught:
        _find.find_binary()
    assert [str(place) in str(caught.value) for place in places] == [True, True]
    assert "PATH" in str(caught.value)
    executable(places[1])
    assert _find.find_binary() == str(places[1])
