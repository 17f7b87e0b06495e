"""Pictures: decode one frame, turn it upright, put its colours into sRGB, write only that anew."""

from importlib import import_module
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from vardvag.files.sandbox.formats import Format
from vardvag.files.sandbox.reasons import Reason, Rejected
from vardvag.files.sandbox.rebuilt import Limits, Rebuilt

_MOST_PNG = 8 * 1024 * 1024  # bytes
_CAMERA = (Format.JPEG, Format.HEIF)
_WRITING = ("PIL.JpegImagePlugin", "PIL.PngImagePlugin")
_NEEDS = {  # what Pillow would load only once it meets such a file; EXIF is in TIFF's form
    Format.JPEG: ("PIL.JpegImagePlugin", "PIL.MpoImagePlugin", "PIL.TiffImagePlugin"),
    Format.PNG: (*_WRITING, "PIL.TiffImagePlugin"),
    Format.GIF: (*_WRITING, "PIL.GifImagePlugin", "copy"),
    Format.WEBP: (*_WRITING, "PIL.TiffImagePlugin", "PIL.WebPImagePlugin"),
    Format.HEIF: (*_WRITING, "PIL.TiffImagePlugin"),
    Format.PDF: ("PIL.JpegImagePlugin",),
}
_SRGB = ImageCms.createProfile("sRGB")
_JPEG_SCALES = (
    1,
    2,
)  # libjpeg decodes at half size for a quarter of the memory: photos of 48 to 100 million pixels


def prepare(format: Format) -> None:
    """Load what this format needs and nothing else: behind the wall nothing can be loaded."""
    Image.MAX_IMAGE_PIXELS = None  # our own cap comes before any pixel is decoded
    Image._initialized = 2  # or Pillow loads all 47 formats, half of what a worker's start would cost
    for module in _NEEDS[format]:
        import_module(module)
    if format is Format.HEIF:
        import pillow_heif  # noqa: PLC0415 - 50 ms that only these files pay

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=2)


def rebuild(data: bytes, format: Format, limits: Limits) -> Rebuilt:
    try:
        return _written(_flat(_decoded(data, format, limits), limits), format, limits)
    except (MemoryError, Rejected):
        raise
    except Exception as problem:  # decoders raise nearly everything on broken input
        raise Rejected(Reason.BROKEN_PICTURE, type(problem).__name__) from None


def _written(picture: Image.Image, format: Format, limits: Limits) -> Rebuilt:
    """PNG for drawings and screenshots, unless that makes a monster; else JPEG."""
    drawn = picture.mode == "RGBA" or (format not in _CAMERA and picture.getcolors(256) is not None)
    out = BytesIO()
    if drawn:
        picture.save(out, "PNG", compress_level=6 if picture.width * picture.height < 4_000_000 else 1)
        drawn = out.tell() <= _MOST_PNG
    if not drawn:
        out = BytesIO()
        _on_white(picture).save(out, "JPEG", quality=88)
    return Rebuilt(
        content_type="image/png" if drawn else "image/jpeg",
        width=picture.width,
        height=picture.height,
        body=out.getvalue(),
        thumbnail=thumbnail(picture, limits.thumbnail),
    )


def _decoded(data: bytes, format: Format, limits: Limits) -> Image.Image:
    picture = Image.open(BytesIO(data), formats=[format])
    width, height = picture.size
    scales = _JPEG_SCALES if format is Format.JPEG else (1,)
    scale = next((s for s in scales if width * height <= limits.pixels * s * s), None)
    if scale is None or not width or not height:
        raise Rejected(Reason.TOO_MANY_PIXELS, f"{width}x{height}")
    if scale > 1:
        picture.draft(picture.mode, (width // scale, height // scale))
        if picture.width * picture.height > limits.pixels * 1.01:
            raise Rejected(Reason.TOO_MANY_PIXELS, f"{width}x{height}")
    picture.load()
    return picture


def _flat(picture: Image.Image, limits: Limits) -> Image.Image:
    """RGB, or RGBA where something shows through; upright, in sRGB, not too large, nothing attached."""
    profile = picture.info.get("icc_profile")
    ImageOps.exif_transpose(picture, in_place=True)
    upright = Image.Image()._new(picture.im)  # the pixels without the file object and what it remembers
    upright.palette, upright.info = picture.palette, dict(picture.info)
    if upright.mode.startswith("I") or upright.mode == "F":
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")  # 16 bits a channel
        profile = None
    if max(upright.size) > limits.side and upright.mode not in ("P", "1"):
        upright.thumbnail((limits.side, limits.side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = _in_srgb(upright, profile)
    seen_through = upright.has_transparency_data
    mode = "RGBA" if seen_through else "RGB"
    flat = upright if upright.mode == mode else upright.convert(mode)  # at 25 million pixels a copy counts
    if seen_through and flat.getchannel("A").getextrema()[0] == 255:
        flat = flat.convert("RGB")
    flat.thumbnail((limits.side, limits.side), Image.Resampling.LANCZOS)
    flat.info = {}
    return flat


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones write Display P3; shown as sRGB a rash would look paler than it is."""
    if not profile or picture.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in (source.profile.profile_description or ""):
            return picture
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(picture, source, _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a profile that cannot be read changes nothing
    return changed or picture


def thumbnail(picture: Image.Image, most: int) -> bytes:
    """JPEG of at most `most` bytes, on white where the picture is see-through."""
    for side in (480, 320, 200, 120, 64):
        small = picture._new(picture.im)  # not a copy: thumbnail() makes its pixels anew
        # Whole pixels are averaged first, down to just above the size: half of what the usual gap of 2 costs.
        small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=1.0)
        small = _on_white(small)
        for quality in (80, 65, 50):
            out = BytesIO()
            small.save(out, "JPEG", quality=quality)
            if out.tell() <= most:
                return out.getvalue()
    raise Rejected(Reason.TOO_HARD, "thumbnail")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground
