"""Hostile files against the real sandbox: refused in words or made harmless, never more than their share."""

import io
import json
import subprocess
import threading
import time

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat

from vardvag.files.sandbox import run, starting, workers
from vardvag.files.sandbox.bare import bare_jpeg
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt
from vardvag.files.tests import corpus

REFUSED, DISARMED, EITHER = corpus.refused(), corpus.disarmed(), corpus.either_way()
PAGE = {
    "/Type",
    "/Parent",
    "/MediaBox",
    "/CropBox",
    "/Rotate",
    "/UserUnit",
    "/Resources",
    "/Contents",
    "/Group",
}
LEFT_OVER = (
    b"CANARY",
    b"<script",
    b"PK\x03\x04",
    b"/JavaScript",
    b"/JS",
    b"/URI",
    b"/Launch",
    b"Exif\0",
    b"xmpmeta",
)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def harmless(done: Rebuilt) -> None:
    for part in (done.body, done.thumbnail, done.preview):
        assert not [left for left in LEFT_OVER if left in part]
    assert len(done.thumbnail) <= 30 * 1024
    assert opened(done.thumbnail).format == "JPEG"
    assert max(done.width, done.height) <= 4096
    if done.content_type == "application/pdf":
        assert opened(done.preview).format == "JPEG"
        with pikepdf.open(io.BytesIO(done.body)) as paper:
            assert set(paper.Root.keys()) <= {"/Type", "/Pages"}
            for page in paper.pages:
                assert set(page.obj.keys()) <= PAGE
            written = b"".join(
                thing.unparse(resolved=True)
                for thing in paper.objects
                if not isinstance(thing, pikepdf.Stream)
            )
            assert not [left for left in LEFT_OVER if left in written]
    else:
        picture = opened(done.body)
        assert not picture.getexif() and not picture.info.get("comment") and "icc_profile" not in picture.info
        assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize("stays", [True, False])
def test_a_worker_has_no_rights(stays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the wall of bubblewrap (installed here) and without it, each tried for real from within."""
    monkeypatch.setattr(workers, "can_stay", lambda: stays)
    for walled in (True, False):
        assert run.holes(walled=walled) == dict.fromkeys(
            ("socket", "read", "write", "fork", "thread", "execute", "signal", "memory"), False
        )


def test_the_wall_lets_in_the_decoders_wherever_they_lie() -> None:
    """Installed by pip, they lie in the same folder as this package."""
    for library in starting.libraries():
        assert str(library) in starting._wall(stays=False)


def test_the_wall_is_used_here() -> None:
    assert run.walled()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_reason(name: str) -> None:
    data, reasons = REFUSED[name]
    began = time.monotonic()
    with pytest.raises(Rejected) as refusal:
        run.rebuild(data)
    assert refusal.value.reason in reasons
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", DISARMED)
def test_made_harmless(name: str) -> None:
    data, becomes = DISARMED[name]
    done = run.rebuild(data)
    assert done.content_type == becomes
    harmless(done)


@pytest.mark.parametrize("name", EITHER)
def test_refused_or_made_harmless(name: str) -> None:
    try:
        harmless(run.rebuild(EITHER[name]))
    except Rejected as refusal:
        assert refusal.reason in (Reason.BROKEN_PICTURE, Reason.BROKEN_PDF)


SEEDS = [
    corpus.jpeg(exif=corpus.gps()),
    *(corpus.encoded(corpus.photo(64, 48), f) for f in ("PNG", "GIF", "WEBP")),
]
SEEDS += [
    corpus.encoded(corpus.photo(64, 48), "HEIF"),
    corpus.pdf(corpus.active_pdf),
    corpus.pdf_with_photo(),
]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=12),
    cut=st.one_of(st.just(1.0), st.floats(0.05, 1)),
)
def test_mutated_files_never_hurt(seed: bytes, changes: list[tuple[float, bytes]], cut: float) -> None:
    data = bytearray(seed[: int(len(seed) * cut)])
    for where, new in changes:
        at = 16 + int(where * max(len(data) - 20, 0))  # behind the magic, so that a decoder meets it
        data[at : at + len(new)] = new
    try:
        done = run.rebuild(bytes(data))
    except Rejected as refusal:
        assert refusal.reason is not Reason.NO_SANDBOX
    else:
        assert done.cpu_ms <= 6000 and done.peak_kib <= 512 * 1024
        assert b"CANARY" not in done.body


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1)), (2, (1, 0)), (5, (0, 0))]
)
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_photo_is_turned_upright(format: str, orientation: int, corner: tuple[int, int]) -> None:
    """The red corner is at the top left as the camera wrote it; where it belongs the EXIF tag says."""
    picture = corpus.photo(320, 160).point(lambda value: value // 3)
    picture.paste((255, 0, 0), (0, 0, 60, 60))
    done = opened(run.rebuild(corpus.encoded(picture, format, exif=corpus.gps(orientation))).body).convert(
        "RGB"
    )
    assert done.size == ((160, 320) if orientation >= 5 else (320, 160))
    at = tuple(20 if not far else side - 20 for far, side in zip(corner, done.size, strict=True))
    red, green, _ = done.getpixel(at)  # type: ignore[misc, arg-type]
    assert red > 200 and green < 60


def test_a_heic_photo_is_turned_once() -> None:
    """Phones write the turn in the picture's own properties and again in EXIF, where it does not count."""
    both = corpus.encoded(corpus.photo(320, 160), "HEIF", exif=corpus.gps(6).tobytes())
    assert b"irot" in both
    done = run.rebuild(both)
    assert (done.width, done.height) == (160, 320)
    only_exif = corpus.encoded(corpus.photo(320, 160), "HEIF", exif=corpus.gps(6))
    assert b"irot" not in only_exif
    done = run.rebuild(only_exif)
    assert (done.width, done.height) == (320, 160)


def test_colours_of_a_phone_stay_what_they_look_like() -> None:
    """A profile that swaps red and green stands for Display P3: its effect must be in the pixels."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {profile[at : at + 4].decode(): at for at in range(132, 132 + 12 * profile[131], 12)}
    red, green = (bytes(profile[tags[t] + 4 : tags[t] + 12]) for t in ("rXYZ", "gXYZ"))
    profile[tags["rXYZ"] + 4 : tags["rXYZ"] + 12] = green
    profile[tags["gXYZ"] + 4 : tags["gXYZ"] + 12] = red
    plain = (
        bytes(profile)
        .replace("sRGB".encode("utf-16-be"), "Test".encode("utf-16-be"))
        .replace(b"sRGB", b"Test")
    )
    done = run.rebuild(corpus.encoded(Image.new("RGB", (50, 50), (220, 30, 30)), "JPEG", icc_profile=plain))
    r, g, _ = opened(done.body).convert("RGB").getpixel((25, 25))  # type: ignore[misc]
    assert g > 180 and r < 80


def test_sixteen_bits_keep_their_greys() -> None:
    before = corpus.photo().convert("L")
    after = opened(run.rebuild(DISARMED["png 16 bits"][0]).body).convert("L")
    assert ImageStat.Stat(ImageChops.difference(before, after)).mean[0] < 2


def test_a_large_photo_is_made_smaller_and_a_larger_one_still_taken() -> None:
    twelve = run.rebuild(corpus.encoded(Image.new("RGB", (5000, 2500), "teal"), "JPEG"))
    assert (twelve.width, twelve.height) == (4096, 2048)
    fifty = run.rebuild(
        corpus.encoded(Image.new("RGB", (8160, 6120), "teal"), "JPEG")
    )  # decoded at half size
    assert (fifty.width, fifty.height) == (4080, 3060)
    assert fifty.peak_kib < 300 * 1024
    with pytest.raises(Rejected) as refusal:
        run.rebuild(corpus.png_claiming(6000, 5000))
    assert refusal.value.reason is Reason.TOO_MANY_PIXELS


def ink(page: Image.Image) -> float:
    return 255 - ImageStat.Stat(page.convert("L")).mean[0]


def test_a_pdf_looks_as_before() -> None:
    for made in (corpus.pdf(), corpus.pdf(corpus.active_pdf), corpus.pdf_with_photo()):
        before = pypdfium2.PdfDocument(made)[0].render(scale=1).to_pil()
        after = pypdfium2.PdfDocument(run.rebuild(made).body)[0].render(scale=1).to_pil()
        assert ink(before) > 0.05
        assert ImageStat.Stat(ImageChops.difference(before.convert("L"), after.convert("L"))).mean[0] < 0.5


def test_what_was_filled_in_stays_readable() -> None:
    done = run.rebuild(corpus.form_pdf())
    assert ink(opened(done.preview)) > 0.3
    with pikepdf.open(io.BytesIO(done.body)) as paper:
        assert "/Annots" not in paper.pages[0]


def test_pages_keep_what_they_inherit() -> None:
    """Size and fonts may stand only on the page tree's branch."""

    def move_up(made: pikepdf.Pdf) -> None:
        page = made.pages[0].obj
        for key in ("/MediaBox", "/Resources", "/Rotate"):
            made.Root.Pages[key] = page.get(key, 90)
        del page.MediaBox, page.Resources

    done = run.rebuild(corpus.pdf(move_up))
    assert done.width > done.height and ink(opened(done.preview)) > 0.05


def test_a_photo_in_a_pdf_is_bared_without_being_decoded() -> None:
    before = corpus.encoded(corpus.photo(), "JPEG", exif=corpus.gps(), comment="x", progressive=True)
    after = bare_jpeg(before + b"PK\x03\x04")
    assert corpus.GPS_CANARY in before and corpus.GPS_CANARY not in after and b"PK" not in after[-50:]
    assert ImageChops.difference(opened(before), opened(after)).getbbox() is None


def test_nor_does_a_photo_in_a_pdf_keep_a_small_picture_of_itself() -> None:
    """It may show what was cut away since."""
    plain = corpus.jpeg()
    small = b"\xff\xe0" + (8 + len(corpus.GPS_CANARY)).to_bytes(2, "big") + b"JFXX\0\x10" + corpus.GPS_CANARY
    longer = (
        b"\xff\xe0"
        + (16 + 30).to_bytes(2, "big")
        + plain[6:18]
        + b"\x05\x02"
        + corpus.GPS_CANARY[:30].ljust(30)
    )
    assert plain[2:6] == b"\xff\xe0\0\x10" and plain[6:11] == b"JFIF\0"
    for before in (plain[:20] + small + plain[20:], plain[:2] + longer + plain[20:]):
        after = bare_jpeg(before)
        assert corpus.GPS_CANARY[:10] in before and corpus.GPS_CANARY[:10] not in after
        assert ImageChops.difference(opened(before), opened(after)).getbbox() is None


@pytest.mark.parametrize("where", ["page", "form", "pattern", "letter"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_photo_in_the_middle_of_a_page_does_not_tell_its_place(where: str, wrapped: bool) -> None:
    before = corpus.pdf_with_inline_photo(wrapped, where)
    after = run.rebuild(before)
    page = pypdfium2.PdfDocument(before)[0]
    told = opened(after.preview)
    was = page.render(scale=min(1600 / max(page.get_size()), 3.0), rev_byteorder=True).to_pil()
    shown = [was.convert("RGB").resize(told.size), told]
    assert max(ImageStat.Stat(ImageChops.difference(*shown)).mean) < 2
    assert ink(shown[1]) > 0.05  # it is still drawn
    with pikepdf.open(io.BytesIO(after.body)) as paper:
        streams = [thing for thing in paper.objects if isinstance(thing, pikepdf.Stream)]
        everything = b"".join(stream.read_bytes() for stream in streams)
    assert b"\xff\xd8\xff" not in everything and b"ffd8ff" in everything
    assert corpus.GPS_CANARY.hex().encode() not in everything and corpus.GPS_CANARY not in everything


def test_time_memory_and_output_have_an_end() -> None:
    big = corpus.encoded(corpus.photo(3000, 2000), "PNG")
    with pytest.raises(Rejected) as refusal:
        run.rebuild(big, Limits(memory=60 * 1024 * 1024))
    assert refusal.value.reason is Reason.TOO_HARD
    with pytest.raises(Rejected) as refusal:
        run.rebuild(big, Limits(output=1000))
    assert refusal.value.reason is Reason.TOO_HARD


def test_an_endless_worker_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WALL_SECONDS", 0.3)
    began = time.monotonic()
    says(monkeypatch, ["/bin/sh", "-c", "sleep 30"])
    with pytest.raises(Rejected) as refusal:
        run.rebuild(corpus.jpeg())
    assert refusal.value.reason is Reason.TOO_HARD
    assert time.monotonic() - began < 5


def says(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    """A worker for one file that runs this instead."""
    monkeypatch.setattr(workers, "can_stay", lambda: False)
    monkeypatch.setattr(starting, "command", lambda _order: command)


def told(kind: str, *parts: int, **more: object) -> bytes:
    line = {
        "content_type": kind,
        "width": 1,
        "height": 1,
        "pages": 1,
        "cpu_ms": 1,
        "peak_kib": 1,
        "parts": parts,
    }
    return json.dumps({**line, **more}).encode() + b"\n"


def test_an_honest_answer_is_believed(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    said = tmp_path / "answer"
    said.write_bytes(told("image/png", 6, 3, 0) + b"\x89PNG\r\n\xff\xd8\xff")
    says(monkeypatch, ["/bin/cat", str(said)])
    assert run.rebuild(corpus.jpeg()).thumbnail == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no json\n",
        told("text/html", 3, 0, 0) + b"<a>",
        told("image/png", 3, 0, 0) + b"<a>",
        told("image/png", 6, 0, 0) + b"\x89PNG\r\n",  # no thumbnail
        told("image/png", 6, 3, 0) + b"\x89PNG\r\n<a>",
        told("image/png", 6, 9, -6) + b"\x89PNG\r\n\xff\xd8\xff",
        told("application/pdf", 5, 3, 3) + b"%PDF-\xff\xd8\xff<a>",
        told("image/png", 6, 3, 0, pages=1 << 40) + b"\x89PNG\r\n\xff\xd8\xff",
        told("image/png", 6, 3, 0, width="x") + b"\x89PNG\r\n\xff\xd8\xff",
        told("image/png", 6, 3, 0, width=float("inf")) + b"\x89PNG\r\n\xff\xd8\xff",
        b"[" * 4000 + b"\n",
        b'{"content_type":"image/png"}\n',
        b'{"reason":"nonsense"}\n',
        b"[1]\n",
        b"x" * 10_000,
    ],
)
def test_an_overtaken_worker_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, tmp_path, answer: bytes
) -> None:
    said = tmp_path / "answer"
    said.write_bytes(answer)
    says(monkeypatch, ["/bin/cat", str(said)])
    with pytest.raises(Rejected):
        run.rebuild(corpus.jpeg())


def test_a_worker_that_says_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, ["/bin/cat", "/dev/zero"])
    with pytest.raises(Rejected) as refusal:
        run.rebuild(corpus.jpeg(), Limits(output=1 << 20))
    assert refusal.value.detail == "output"


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_room", threading.BoundedSemaphore(1))
    with run._room, pytest.raises(run.Busy):
        run.rebuild(corpus.jpeg(), patience=0.05)


def test_without_a_process_to_be_had_one_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    run.walled()
    monkeypatch.setattr(workers, "_staying", {})
    monkeypatch.setattr(subprocess, "Popen", none)
    with pytest.raises(run.Busy):
        run.rebuild(corpus.jpeg())


def test_a_slow_start_does_not_take_the_wall_away_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise Rejected(Reason.TOO_HARD, "time")

    run._tried_wall.cache_clear()
    with monkeypatch.context() as busy:
        busy.setattr(workers, "answered", late)
        assert not run.walled()
    assert run.walled()
