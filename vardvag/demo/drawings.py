"""Pictures that residents might have taken, drawn: eczema, a mark, a letter, a medicine package."""

import io
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (1200, 900)
SKINS = ((233, 196, 172), (214, 168, 138), (168, 118, 88), (112, 76, 56), (241, 208, 188))


def draw(kind: str, rng: Random, words: str = "") -> bytes:
    """A JPEG. `kind`: eksem | hud | papper | förpackning; `words` stand on a package."""
    image = {"eksem": _eczema, "hud": _mark, "papper": _letter}.get(kind, _package)(rng, words)
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=82)
    return out.getvalue()


def _skin(rng: Random) -> Image.Image:
    """Skin in uneven light."""
    tone = rng.choice(SKINS)
    small = Image.new("RGB", (60, 45))
    small.putdata([
        tuple(max(0, min(255, c + int(14 * (x - 30) / 30) + rng.randint(-7, 7))) for c in tone)
        for y in range(45) for x in range(60)
    ])  # fmt: skip
    return small.resize(SIZE, Image.Resampling.BICUBIC)


def _spots(
    image: Image.Image, rng: Random, number: int, spread: int, size: tuple[int, int], red: int
) -> Image.Image:
    layer = Image.new("L", SIZE, 0)
    brush = ImageDraw.Draw(layer)
    for _ in range(number):
        x, y = (int(rng.gauss(middle, spread)) for middle in (SIZE[0] // 2, SIZE[1] // 2))
        r = rng.randint(*size)
        brush.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=rng.randint(red // 2, red))
    layer = layer.filter(ImageFilter.GaussianBlur(9))
    return Image.composite(Image.new("RGB", SIZE, (186, 62, 58)), image, layer)


def _eczema(rng: Random, words: str) -> Image.Image:
    return _spots(_skin(rng), rng, 160, 170, (8, 42), 120)


def _mark(rng: Random, words: str) -> Image.Image:
    image = _spots(_skin(rng), rng, 14, 40, (30, 80), 70)
    brush = ImageDraw.Draw(image)
    x, y = SIZE[0] // 2, SIZE[1] // 2
    for _ in range(60):
        dx, dy, r = rng.gauss(0, 26), rng.gauss(0, 20), rng.randint(10, 26)
        shade = rng.randint(40, 90)
        brush.ellipse(
            (x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=(shade + 24, shade - 6, shade - 22)
        )
    return image


def _letter(rng: Random, words: str) -> Image.Image:
    image = Image.new("RGB", SIZE, (96, 78, 62))
    brush = ImageDraw.Draw(image)
    brush.rectangle((210, 40, 990, 880), fill=(246, 244, 238))
    brush.rectangle((260, 90, 520, 122), fill=(58, 84, 120))
    for line in range(15):
        width = rng.randint(420, 660) if line % 5 != 4 else rng.randint(120, 300)
        brush.rectangle((260, 190 + line * 40, 260 + width, 202 + line * 40), fill=(120, 120, 120))
    return image.rotate(rng.uniform(-4, 4), fillcolor=(96, 78, 62))


def _package(rng: Random, words: str) -> Image.Image:
    image = Image.new("RGB", SIZE, (150, 128, 104))
    brush = ImageDraw.Draw(image)
    brush.rectangle((170, 260, 1030, 660), fill=(250, 250, 250))
    brush.rectangle((170, 560, 1030, 660), fill=rng.choice(((72, 118, 160), (64, 132, 104), (150, 84, 96))))
    name, _, strength = words.partition(" ")
    brush.text(
        (220, 310), name[:22].capitalize() or "Läkemedel", fill=(30, 30, 30), font=ImageFont.load_default(72)
    )
    brush.text((220, 420), strength[:30], fill=(70, 70, 70), font=_font(48))
    brush.text((220, 580), "100 tabletter", fill=(250, 250, 250), font=_font(40))
    return image.rotate(rng.uniform(-6, 6), fillcolor=(150, 128, 104))


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
