import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vardvag.files.names import clean, shown


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Utslag på armen.HEIC", "Utslag på armen.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\Anna\\bild.png", "bild.jpg"),
        ("bild\x00.php\x00.jpg", "bild.php.jpg"),
        ("faktura\u202egpj.exe", "fakturagpj.jpg"),
        ("\u2066a\u2069\u200b.jpg", "a.jpg"),
        ('"><img src=x onerror=alert(1)>.jpg', "img src=x onerror=alert(1).jpg"),
        ("rad\r\nSet-Cookie: a=b.jpg", "radSet-Cookie_ a=b.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("CON.jpg", "bild.jpg"),
        ("", "bild.jpg"),
        ("...", "bild.jpg"),
        ("x" * 500 + ".jpg", "x" * 80 + ".jpg"),
        ("a\u030a.jpg", "å.jpg"),
        ("写真.jpg", "写真.jpg"),
    ],
)
def test_a_name_keeps_its_words_and_loses_its_teeth(given_name: str, kept: str) -> None:
    assert clean(given_name, "image/jpeg") == kept


def test_a_nameless_document() -> None:
    assert clean("", "application/pdf") == "dokument.pdf"


@given(st.text())
def test_any_name_is_harmless(text: str) -> None:
    for name in (clean(text, "image/png"), shown(text)):
        assert name and len(name) <= 90 and "/" not in name and "\\" not in name
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)
    assert clean(text, "image/png").endswith(".png")
