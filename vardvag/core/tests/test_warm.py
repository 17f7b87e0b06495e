import pytest

from vardvag.core import warm


def test_what_fails_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made: list[int] = []
    frozen: list[int] = []
    monkeypatch.setattr(warm.gc, "freeze", lambda: frozen.append(len(made)))
    monkeypatch.setattr(warm, "things", [lambda: 1 // 0, lambda: made.append(1)])
    warm.begin().join(5)
    assert made == frozen == [1]
    assert "could not be made beforehand" in caplog.text
