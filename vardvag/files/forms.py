"""What comes with a piece of a file."""

from django import forms


class PieceForm(forms.Form):
    digest = forms.RegexField(r"^[0-9a-f]{64}$")  # SHA-256 of the whole file
    size = forms.IntegerField(min_value=1)  # bytes of the whole file
    offset = forms.IntegerField(min_value=0)  # where the piece begins
    name = forms.CharField(max_length=1000, required=False)
    intimate = forms.BooleanField(required=False)
