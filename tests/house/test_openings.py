"""The ranker was taught from the openings as they stand."""

import gzip
import hashlib
import json

from tests.house.source import ROOT

LEARNED = ROOT / "vardvag/services/triage/content/lexicon/learned.json.gz"


def test_what_was_learned_is_of_these_openings():
    files = sorted((ROOT / "tools/openings/corpus").glob("*.txt"))
    told = json.loads(gzip.decompress(LEARNED.read_bytes()))
    now = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    assert told["of"] == now, "the openings were changed: make learn, and commit learned.json.gz"


def test_no_opening_stands_in_a_test_set():
    said = {
        line[4:].strip().lower()
        for file in (ROOT / "tools/openings/corpus").glob("*.txt")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line[:4] in ("sv| ", "en| ")
    }
    tests = [
        *(ROOT / "vardvag/services/triage/tests/data").glob("*.yaml"),
        *(ROOT / "vardvag/services/triage/evaluation").glob("*.yaml"),
    ]
    asked = "\n".join(file.read_text(encoding="utf-8").lower() for file in tests)
    assert len(said) > 10_000
    assert not [one for one in said if len(one) > 40 and one in asked]
