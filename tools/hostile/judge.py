"""What may never be answered, whatever was asked."""

import re
from urllib.parse import urlsplit

from lxml import html

from tools.hostile import corpus
from tools.hostile.ask import Answer, Asked
from tools.hostile.routes import AWAY

TRACE = re.compile(
    rb"Traceback \(most recent|File &quot;/|File \"/|\bat 0x[0-9a-f]{8}|psycopg\.|django\.(db|core|http|utils)\."
    rb"|site-packages|(Value|Key|Type|Attribute|Integrity|Data|Index)Error\b|SQLSTATE|relation &quot;"
)
SLOW = 1.0  # seconds
OWN_HOSTS = {"", "testserver"}


def faults(route: str, asked: Asked, answer: Answer) -> list[str]:
    found = [f"exception: {one}" for one in answer.troubles]
    if answer.status >= 500 and not (answer.status == 503 and route in AWAY) and not answer.troubles:
        found.append(f"status {answer.status}")
    if not 200 <= answer.status < 600:
        found.append(f"status {answer.status}")
    if trace := TRACE.search(answer.body):
        found.append(f"tells of its inside: {trace[0]!r}")
    if answer.html:
        found += in_page(answer.body)
        if not answer.header("Content-Security-Policy"):
            found.append("no content policy")
    elif f"<{corpus.CANARY}".encode() in answer.body and not plain(answer):
        found.append(f"markup given back as {answer.header('Content-Type')}")
    if answer.status >= 400 and asked.method in ("GET", "POST") and not says_what_to_do(answer):
        found.append(f"{answer.status} without a word")
    for name in ("Location", "HX-Redirect", "X-Onward"):
        onward = answer.header(name)
        at = urlsplit(onward)
        if (
            (at.hostname or "") not in OWN_HOSTS
            or at.scheme not in ("", "http")
            or onward[:2] in ("//", "/\\")
        ):
            found.append(f"sent on to {onward[:80]!r}")
    if any("\n" in value or "\r" in value for _, value in answer.headers):
        found.append("a header of two lines")
    return found


def in_page(body: bytes) -> list[str]:
    """Is there markup that nobody of ours wrote?"""
    if not body.strip():
        return []
    found = []
    if f"<{corpus.CANARY}".encode() in body.lower():
        found.append("markup came through")
    if corpus.BEACON.encode() in body:
        tree = html.fromstring(body, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue  # type: ignore[unreachable]
            acting = [
                n
                for n, v in element.items()
                if corpus.BEACON in v
                and (
                    n.startswith("on")  # type: ignore[arg-type]
                    or n.startswith("hx-")  # type: ignore[arg-type]
                    or n == "srcdoc"
                    or (n in ("href", "src", "action", "formaction") and "script:" in v[:12].lower())
                )
            ]
            if acting or (element.tag in ("script", "style") and corpus.BEACON in (element.text or "")):
                found.append(f"script came through: {element.tag} {acting}")
    return found


def plain(answer: Answer) -> bool:
    return answer.header("Content-Type").partition(";")[0] in (
        "text/plain",
        "application/json",
        "application/pdf",
    )


def says_what_to_do(answer: Answer) -> bool:
    """A page or a message in words; fragments that a script asked for may be a sentence, or where to log in."""
    if answer.header("HX-Redirect"):
        return True
    if answer.header("Content-Type").startswith("application/json"):
        return len(answer.body) > 10
    text = re.sub(rb"<[^>]+>", b" ", answer.body).strip()
    return len(text) > 15 and b" " in text
