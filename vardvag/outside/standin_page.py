"""The look of the stand-ins' pages: small, without JavaScript, light and dark, Swedish and English."""

from html import escape

from vardvag.outside.local_server import Reply, Request

_CSS = """
:root{color-scheme:light dark;--ink:#1d2b33;--mute:#55646d;--page:#f6f7f5;--card:#fff;
--line:#c9d0d0;--accent:#1f5f5b;--on:#fff;--warn:#8a3b12;--mark:#e4efec}
@media (prefers-color-scheme:dark){:root{--ink:#e8edec;--mute:#a9b6b6;--page:#141a1c;--card:#1d2528;
--line:#465256;--accent:#7cc7bf;--on:#0c1516;--warn:#f0a97f;--mark:#243a39}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
header{border-bottom:1px solid var(--line);background:var(--card)}
header>div,main{max-width:52rem;margin:auto;padding:1rem}
header>div{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center}
header strong{margin-right:auto}
a{color:var(--accent)}a[aria-current]{font-weight:700;text-decoration:none;color:var(--ink)}
h1{font-size:1.5rem;margin:.5rem 0 1rem;line-height:1.25}h2{font-size:1.15rem;margin:1.75rem 0 .5rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:0 0 1rem}
.mute{color:var(--mute);font-size:.9rem}.warn{border-color:var(--warn);border-left-width:.4rem}
.mark{background:var(--mark)}
ul.plain{list-style:none;margin:0;padding:0}
label{display:block;font-weight:600;margin:.75rem 0 .25rem}
input,select,textarea,button{font:inherit;color:inherit}
input:not([type=radio]),select,textarea{width:100%;max-width:32rem;padding:.55rem .7rem;
background:var(--page);border:1px solid var(--mute);border-radius:.35rem}
button{min-height:2.75rem;padding:.45rem 1.1rem;border:2px solid var(--accent);border-radius:.4rem;
background:var(--card);color:var(--accent);font-weight:600;cursor:pointer}
button.main{background:var(--accent);color:var(--on)}
button.person{display:block;width:100%;text-align:left;border:1px solid var(--line);margin:0 0 .5rem;
font-weight:400;color:var(--ink)}
button.person b{display:block}
button.person:hover,button:hover{border-color:var(--accent);background:var(--mark);color:var(--ink)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:.75rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.5rem 0}
dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem 1rem;margin:0}dt{color:var(--mute)}dd{margin:0}
@media (max-width:30rem){dl{grid-template-columns:1fr}button{width:100%}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def language(request: Request) -> str:
    """The visitor's choice (cookie): "en", else "sv"."""
    return "en" if "world-language=en" in request.headers.get("cookie", "") else "sv"


def page(
    title: str, body: str, *, lang: str = "sv", nav: str = "", refresh: int = 0, status: int = 200
) -> Reply:
    """`title` is text, `body` and `nav` are HTML. `refresh`: seconds until loaded again, 0 never."""
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"{again}<style>{_CSS}</style></head>"
        f"<body><header><div>{nav}</div></header><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return Reply(
        status,
        html.encode(),
        headers=(
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),  # "no-referrer" would make every own form's Origin "null"
        ),
    )


def hidden(fields: dict[str, str]) -> str:
    return "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items())


def search_box(label: str, value: str, button: str, fields: dict[str, str]) -> str:
    """A GET form that keeps the other fields of the page's address."""
    return (
        f'<form method="get" role="search">{hidden(fields)}<label for="q">{escape(label)}</label>'
        f'<div class="row"><input id="q" name="q" type="search" value="{escape(value)}" autocomplete="off">'
        f"<button>{escape(button)}</button></div></form>"
    )
