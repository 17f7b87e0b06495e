"""Where the SMS provider posts its receipts."""

import hmac
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from vardvag.core import doors
from vardvag.core.doors import PublicRequest
from vardvag.inbox.actions import receive_receipt
from vardvag.outside.sms.client import read_receipt


@csrf_exempt  # a machine posts here; the secret in the path is what lets it in
@require_POST
@doors.public
def receipt(request: PublicRequest, token: str, public_id: UUID) -> HttpResponse:
    """Believes nothing: the worker asks the provider what it says of the id. 204 ends the provider's
    retries."""
    secret = settings.OUTSIDE["sms"].get("callback_token", "")
    if not secret or not hmac.compare_digest(token.encode(), secret.encode()):
        raise Http404
    found = read_receipt({k: str(v) for k, v in request.POST.items()})
    if found is None:
        return HttpResponse("id and status are needed", status=400, content_type="text/plain")
    receive_receipt(actor=request.actor, id=found.id, public_id=public_id)
    return HttpResponse(status=204)
