from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path: Path) -> Path:
    """Each test has its own place for files, and no scanner unless it starts one."""
    settings.FILES_FOLDER = tmp_path / "files"
    settings.OUTSIDE = {**settings.OUTSIDE, "scanner": {"address": ""}}
    return tmp_path / "files"
