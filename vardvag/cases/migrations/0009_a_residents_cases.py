"""What a resident's pages ask of their cases is found without reading all that they ever had."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False  # no waiting for those who read or write
    dependencies = [("cases", "0008_fewer_indexes")]

    operations = [
        AddIndexConcurrently(
            "case", models.Index(condition=~Q(state="closed"), fields=["patient"], name="case_patient_open")
        ),
        AddIndexConcurrently(
            "case",
            models.Index(condition=Q(state="closed"), fields=["patient", "-closed_at"], name="case_patient_closed"),
        ),
        AddIndexConcurrently("case", models.Index(fields=["patient", "unit", "arrived_at"], name="case_patient_unit")),
        RemoveIndexConcurrently("case", "case_patient"),
    ]
