"""The content policy that is written once is django-csp's own, with what a page adds."""

import pytest
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse

from vardvag.core.policy import ContentPolicy


def _answered(kind: type[CSPMiddleware], said: dict[str, object]) -> dict[str, str]:
    def page(request: HttpRequest) -> HttpResponse:
        vars(request).update({name: value for name, value in said.items() if name == "_csp_nonce"})
        answer = HttpResponse("x")
        vars(answer).update(said)
        return answer

    answer = kind(page)(HttpRequest())
    assert isinstance(answer, HttpResponse)
    return dict(answer.headers)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"_csp_update": {"form-action": ["https://legitimering.test"]}},
        {"_csp_update": {"form-action": ["https://annan.test"], "img-src": ["blob:"]}},
        {"_csp_replace": {"img-src": ["'none'"]}},
        {"_csp_config": {"default-src": ["'self'"]}},
        {"_csp_exempt": True},
        {"_csp_nonce": "abc"},
    ],
)
def test_every_page_has_the_policy_it_would_have(said: dict[str, object]) -> None:
    for _ in range(2):  # written, and remembered
        assert _answered(ContentPolicy, said) == _answered(CSPMiddleware, said)


def test_what_one_page_adds_is_not_on_the_next() -> None:
    added = _answered(ContentPolicy, {"_csp_update": {"form-action": ["https://legitimering.test"]}})[HEADER]
    usual = _answered(ContentPolicy, {})[HEADER]
    assert "legitimering" in added and "legitimering" not in usual
