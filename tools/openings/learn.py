"""`make learn`: teaches the ranker (words/learned.py) from the invented openings in corpus/ and writes its file.
`make learn LEARN=--cross` writes nothing: how well what the others taught understands each author's openings.

A file of corpus/ is one author's (its first letter) part of the reasons: `# reason`, then lines `sv| …` and `en| …`.
"""

import argparse
import base64
import gzip
import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from vardvag.services.triage.engine.load import library
from vardvag.services.triage.tests.words_table import noisy
from vardvag.services.triage.words import load, match
from vardvag.services.triage.words.learned import FILE, IDF, features, learned

CORPUS = Path(__file__).parent / "corpus"
_COST, _SEEN, _LEAST = 0.6, 3, 0.05  # of an error; texts a feature is in; weights below are left out
_PHRASE = 0.2  # what a phrase of the protocols counts beside an opening
_MOST = 120  # steps of the greatest weight

Lesson = tuple[list[str], str, float]  # features, reason, how much it counts


@dataclass(frozen=True, slots=True)
class Opening:
    author: str
    reason: str
    lang: str
    text: str


def openings(folder: Path = CORPUS) -> list[Opening]:
    out: list[Opening] = []
    for file in sorted(folder.glob("*.txt")):
        reason = ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            kind, text = line[:4], line[4:].strip()
            if line.startswith("# "):
                reason = line[2:].strip()
            elif reason and kind in ("sv| ", "en| ") and text:
                out.append(Opening(file.stem[0], reason, kind[:2], text))
            elif line.strip():
                raise SystemExit(f"{file.name}:{number}: a line is '# reason', 'sv| …' or 'en| …'")
    unknown = {one.reason for one in out} - library().reasons.keys()
    if unknown:
        raise SystemExit(f"No such reason: {', '.join(sorted(unknown))}")
    return out


def digest(folder: Path = CORPUS) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.txt")))).hexdigest()


class Teacher:
    """Reads texts as the matcher does; a child's reason as its adult's."""

    def __init__(self) -> None:
        self.words = match.words_of(library())
        self.grown = {child: adult for adult, child in self.words.families["child_of"].items()}

    def lesson(self, text: str, lang: str, reason: str, counts: float = 1.0) -> Lesson:
        reading = self.words.read(text, lang)
        little = self.words.base.lexicons[reading.lang].little
        return features(reading, little), self.grown.get(reason, reason), counts

    def lessons(self, listed: Iterable[Opening]) -> Iterable[Lesson]:
        """Each opening as it is and as typed in haste; the protocols' own phrases count little."""
        chance = random.Random(1)  # noqa: S311 - not a secret
        for one in listed:
            yield self.lesson(one.text, one.lang, one.reason)
            yield self.lesson(noisy(one.text, chance, one.lang == "sv"), one.lang, one.reason)
        for reason, lang, level, phrase in match.phrases(library(), load.lexicon_files()["pairs"]):
            if level == "strong":
                yield self.lesson(phrase, lang, reason, _PHRASE)


def taught(lessons: Iterable[Lesson]) -> dict[str, Any]:
    texts, reasons, counts = zip(*lessons, strict=True)
    vector = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=_SEEN)
    model = LinearSVC(C=_COST, random_state=1).fit(vector.fit_transform(texts), reasons, counts)
    weights = model.coef_ - numpy.median(model.coef_, axis=0)  # the same for all reasons changes no order
    weights[numpy.abs(weights) < _LEAST] = 0
    step = float(numpy.abs(weights).max()) / _MOST
    steps = numpy.rint(weights / step).astype(int)
    rows = {}
    for name, place in sorted(vector.vocabulary_.items()):
        row = [min(255, round(float(vector.idf_[place]) * IDF))]
        for reason in numpy.flatnonzero(steps[:, place]):
            row += [int(reason), int(steps[reason, place]) + 128]
        rows[name] = base64.b64encode(bytes(row)).decode()
    bias = [round(float(one), 3) for one in model.intercept_]
    return {"reasons": list(model.classes_), "bias": bias, "step": round(step, 6), "features": rows}


def write(told: dict[str, Any], file: Path) -> None:
    file.write_bytes(gzip.compress(json.dumps(told, ensure_ascii=False).encode(), mtime=0))


def cross(teacher: Teacher, listed: Sequence[Opening]) -> Iterable[str]:
    """For each author, taught by the others: the share whose reason is first, and among three."""
    yield f"{'author':<8}{'n':>6}{'top-1':>9}{'top-3':>9}"
    for author in sorted({one.author for one in listed}):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "learned.json.gz")
            write(taught(teacher.lessons(one for one in listed if one.author != author)), file)
            match.use(library(), replace(teacher.words, taught=learned(file)))
        for lang in ("sv", "en"):
            own = [one for one in listed if (one.author, one.lang) == (author, lang)]
            first = three = 0
            for one in own:
                found = [each.id for each in match.match(one.text, lang=lang, library=library())[:3]]
                wanted = teacher.grown.get(one.reason, one.reason)
                places = [teacher.grown.get(id, id) == wanted for id in found]
                first, three = first + any(places[:1]), three + any(places)
            yield f"{author} {lang:<6}{len(own):>6}{first / len(own):>9.1%}{three / len(own):>9.1%}"


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cross", action="store_true")
    given = asked.parse_args(words)
    teacher, listed = Teacher(), openings()
    if given.cross:
        for line in cross(teacher, listed):
            print(line, flush=True)
        return 0
    told = {"of": digest(), **taught(teacher.lessons(listed))}
    write(told, FILE)
    print(f"{len(listed)} openings, {len(told['features'])} features, {FILE.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
