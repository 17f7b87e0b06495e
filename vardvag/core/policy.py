"""The content policy's header: the same for nearly every page, so it is written once for each set of additions."""

from functools import cache
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase

_OTHERWISE = frozenset(
    {"_csp_config", "_csp_replace", "_csp_exempt", "_csp_config_ro", "_csp_update_ro", "_csp_replace_ro"}
)


@cache
def _written(additions: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return build_policy(update={directive: list(said) for directive, said in additions})


class ContentPolicy(CSPMiddleware):
    """As django-csp's. A page with a policy of its own, or with a nonce, is left to that."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        said: dict[str, Any] = vars(response)
        if HEADER in response or not _OTHERWISE.isdisjoint(said) or getattr(request, "_csp_nonce", None):
            return super().process_response(request, response)
        update: dict[str, list[str]] = said.get("_csp_update") or {}
        response[HEADER] = _written(tuple((name, tuple(values)) for name, values in update.items()))
        return response
