"""The ground under the journeys: the product answers in a real browser, and pages for everybody are accessible."""


def test_a_page_that_is_not_there_says_so(product, page, axe):
    answer = page.goto("/finns-inte")
    assert answer.status == 404
    axe(page)


def test_login_is_accessible(product, page, axe):
    page.goto("/logga-in/")
    axe(page)


def test_every_answer_has_the_headers_that_protect(product, page):
    headers = page.goto("/logga-in/").headers
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    for name in ("x-content-type-options", "x-frame-options", "referrer-policy", "permissions-policy"):
        assert headers[name]
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


def test_the_worker_and_live_are_up(product, page):
    page.goto("/logga-in/")
    closed = page.evaluate(
        """() => new Promise((done) => {
            const socket = new WebSocket(location.origin.replace("http", "ws") + "/live/");
            socket.onclose = (event) => done(event.code);
        })"""
    )
    assert closed == 4401  # nobody is logged in
    assert '"level": "error"' not in product.log("worker") + product.log("web")
