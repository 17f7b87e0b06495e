"""What thousands of invented openings taught (tools/openings): which reasons the words, pairs of words, runs of letters
and concepts of a text speak for. It only orders suggestions.

The file: gzip of JSON {of: sha256 of the openings, reasons, bias: a number per reason, step, features: name -> base64
of [round(idf * 20), reason, weight + 128, reason, weight + 128, …]}; a weight in the file is that many steps.
"""

import gzip
import json
import math
from binascii import a2b_base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from vardvag.services.triage.words.load import CONTENT
from vardvag.services.triage.words.normal import fold
from vardvag.services.triage.words.reading import Reading

FILE = CONTENT / "lexicon" / "learned.json.gz"
IDF = 20  # steps of one
_READS = 120  # words
_RUN = 4  # letters
_TOGETHER = 12  # concepts of which every two make a feature


def features(reading: Reading, little: frozenset[str]) -> list[str]:
    """`little`: words of which the letters say nothing."""
    lang, out, before = reading.lang[0], list[str](), ""
    for place, (word, known) in enumerate(zip(reading.words[:_READS], reading.known[:_READS], strict=True)):
        if word.number:
            before = ""
            continue
        stem = fold(known.stem)
        out.append(f"{lang}~{'!' if reading.scopes[place].denied else ''}{stem}")
        if before:
            out.append(f"{lang}2{before}_{stem}")
        before = stem
        if word.text not in little and len(word.text) > 3:
            padded = f"<{fold(word.text)}>"
            out += [f"{lang}#{padded[at : at + _RUN]}" for at in range(len(padded) - _RUN + 1)]
    said = sorted(key for key in reading.mentions if key[0] not in "~=" and reading.said(key))
    out += [f"c:{key}" for key in said]
    out += [f"n:{key}" for key in reading.mentions if key[0] not in "~=" and not reading.said(key)]
    out += [f"p:{one}|{two}" for one, two in combinations(said[:_TOGETHER], 2)]
    return out


@dataclass(frozen=True)
class Learned:
    reasons: Sequence[str]
    bias: Sequence[float]
    step: float
    features: Mapping[str, str]

    def margins(self, reading: Reading, little: frozenset[str]) -> dict[str, float]:
        """How far on the right side of its boundary the text is, for each reason: mostly between -1 and 1. Empty when
        nothing of it is known."""
        found: list[tuple[float, bytes]] = []
        for name, count in Counter(features(reading, little)).items():
            packed = self.features.get(name)
            if packed is not None:
                row = a2b_base64(packed)
                found.append(((1 + math.log(count)) * row[0] / IDF, row))
        norm = math.sqrt(sum(value * value for value, _ in found))
        if not norm:
            return {}
        sums = [0.0] * len(self.reasons)
        for value, row in found:
            for at in range(1, len(row), 2):
                sums[row[at]] += value * (row[at + 1] - 128)
        return {
            reason: one * self.step / norm + bias
            for reason, one, bias in zip(self.reasons, sums, self.bias, strict=True)
        }


def learned(file: Path = FILE) -> Learned:
    told = json.loads(gzip.decompress(file.read_bytes()))
    return Learned(told["reasons"], told["bias"], told["step"], told["features"])
