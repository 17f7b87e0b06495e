"""The formats we take. By itself, so that the worker needs nothing of how a file is told by its first bytes."""

from enum import StrEnum


class Format(StrEnum):
    JPEG = "JPEG"
    PNG = "PNG"
    HEIF = "HEIF"
    WEBP = "WEBP"
    GIF = "GIF"
    PDF = "PDF"
