"""The tree of organisations of a city."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people import queries
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import acting, requires
from madang.ground.people.rights import may
from madang.ground.people.web.forms import OrganisationForm
from madang.ground.people.web.tabs import tabs


@requires("people.view")
def index(request: CityRequest, city: str) -> HttpResponse:
    """The tree, and a form for whoever manages people."""
    manages = may(request.user, "people.manage", request.city)
    form = OrganisationForm(request.city, request.POST or None) if manages else None
    if form is not None and form.is_valid() and _make(request, form):
        return redirect(request.path)
    context = {
        "tabs": tabs(request),
        "lines": queries.organisation_tree(request.city.pk),
        "form": form,
    }
    return render(request, "people/organisations.html", context)


def _make(request: CityRequest, form: OrganisationForm) -> bool:
    words = form.cleaned_data
    names = {language: words[language] for language in ("ko", "en", "ja")}
    try:
        create_organisation(
            acting(request), request.city, words["key"], words["kind"], names, words["parent"]
        )
    except PeopleError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved."))
    return True
