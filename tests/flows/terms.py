"""New terms, as a release or a region brings them."""

from tests.cluster import as_system
from vardvag.catalogue.models import TermsVersion
from vardvag.core import clock
from vardvag.organisation.queries import forget


def newer_terms() -> None:
    """Of everything that has terms; whoever had accepted has to accept again."""
    with as_system():
        for one in TermsVersion.objects.order_by("terms_id", "-number").distinct("terms_id"):
            words = {"sv": "Nya ord", "en": "New words"}
            TermsVersion.objects.create(
                terms_id=one.terms_id, number=one.number + 1, content={**one.content, "title": words},
                sha256="0" * 64, published_at=clock.now(),
            )  # fmt: skip
        forget()
