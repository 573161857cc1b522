"""Form fields are written as Django's own templates write them, with the classes of the house."""

from __future__ import annotations

import pytest
from django import forms

from tests.pages.elements import read


class Asked(forms.Form):
    name = forms.CharField(
        max_length=20, initial='"><b>', widget=forms.TextInput(attrs={"data-a": "<&>", "hidden": True})
    )
    number = forms.ChoiceField(choices=[(1000, "A & B"), ("", "None")], initial=1000)
    words = forms.CharField(widget=forms.Textarea(attrs={"spellcheck": False, "rows": 2}), initial="<b>")


@pytest.mark.parametrize(
    ("name", "tag", "attributes"),
    [
        (
            "name",
            "input",
            {
                "type": "text",
                "value": '"><b>',
                "maxlength": "20",
                "data-a": "<&>",
                "hidden": "",
                "class": "form-control",
            },
        ),
        ("number", "select", {"class": "form-select", "id": "id_number"}),
        ("words", "textarea", {"rows": "2", "class": "form-control"}),
    ],
)
def test_a_field_has_every_attribute_that_was_given(name: str, tag: str, attributes: dict[str, str]) -> None:
    (element,) = read(str(Asked()[name])).all(tag)
    found = {key: value or "" for key, value in element.attributes.items()}
    assert attributes.items() <= found.items()
    assert "spellcheck" not in found


def test_options_keep_their_values_and_what_is_chosen() -> None:
    options = read(str(Asked()["number"])).all("option")
    assert [(one.attributes["value"], one.text, "selected" in one.attributes) for one in options] == [
        ("1000", "A & B", True),
        ("", "None", False),
    ]
