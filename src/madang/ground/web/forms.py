"""Forms as every page shows them: label, help, error beside its field, and a summary that links to it."""

from __future__ import annotations

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    """Draws {{ form }} and {{ form.name.as_field_group }} with the shell's own templates."""

    form_template_name = "web/forms/form.html"
    formset_template_name = "web/forms/formset.html"
    field_template_name = "web/forms/field.html"
