"""`vardvag load-catalogue`."""

import shutil

from vardvag.catalogue import command
from vardvag.catalogue.files import DATA
from vardvag.catalogue.models import CaseTypeVersion, Offer
from vardvag.organisation import queries as organisation
from vardvag.organisation.tests import world


def test_the_shipped_range_is_loaded_and_offered(system, capsys):
    organisation.forget()
    with system():
        world.region()
        world.unit()
        assert command.main(["--offer"]) == 0
        assert Offer.objects.count() == CaseTypeVersion.objects.count() == 15
        assert command.main([]) == 0
    assert "0 new, 0 with a new version, 16 as before." in capsys.readouterr().out


def test_a_bad_folder_is_refused_in_words(system, tmp_path, capsys):
    with system():
        assert command.main([str(tmp_path)]) == 2
        shutil.copytree(DATA, tmp_path / "data")
        (tmp_path / "data" / "case_types" / "bestall-tid.json").write_text("{")
        assert command.main([str(tmp_path / "data")]) == 2
        assert CaseTypeVersion.objects.count() == 0
    told = capsys.readouterr().err
    assert "case_types" in told and "bestall-tid.json" in told
