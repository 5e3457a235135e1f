"""Who works in this city, and one person: their roles, the cameras they may use, what they did."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people import queries, roles
from madang.ground.people.domain.accounts import end_sessions, take_lost_factors
from madang.ground.people.domain.grants import end_scope, give_scope
from madang.ground.people.domain.memberships import end_role, give_role
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import acting, requires
from madang.ground.people.models import Account, CameraScope, Membership, Organisation
from madang.ground.people.rights import may
from madang.ground.people.web.forms import GiveRoleForm, LostFactorsForm, ScopeForm
from madang.ground.people.web.tabs import tabs
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing


def _link(one: Membership) -> Link:
    words = {"city": one.city.key, "pk": one.account_id}
    return Link(str(one.account), reverse("people:person", kwargs=words))


def _state(one: Membership) -> Badge:
    if not one.account.is_active:
        return Badge(_("switched off"), "down")
    if one.account.demo:
        return Badge(_("demo account"), "attention")
    return Badge(_("active"), "ok")


def _search(rows: QuerySet[Membership], words: str) -> QuerySet[Membership]:
    return rows.filter(
        Q(account__name__startswith=words) | Q(account__email__startswith=words.lower())
    )


PEOPLE: Listing[Membership] = Listing(
    "people",
    _("People"),
    columns=(
        Column("name", _("Name"), _link, sort="account__name"),
        Column("role", _("Role"), lambda one: one.role_title, sort="role"),
        Column(
            "organisation",
            _("Organisation"),
            lambda one: one.organisation.name(get_language() or "ko"),
        ),
        Column("email", _("E-mail"), lambda one: one.account.email),
        Column("until", _("Until"), lambda one: one.ends or _("further notice"), sort="ends"),
        Column("state", _("State"), _state),
    ),
    filters=(
        Filter("q", _("Name or e-mail begins with"), _search, private=True),
        Filter(
            "role",
            _("Role"),
            lambda rows, key: rows.filter(role=key),
            lambda: [(one.key, one.title) for one in roles.roles()],
        ),
    ),
    order="name",
    empty=_("Nobody has a role in this city yet."),
)


@requires("people.view")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Everybody with a role now."""
    now = timezone.now()
    rows = Membership.objects.filter(city=request.city, begins__lte=now).exclude(ends__lte=now)
    table = PEOPLE.read(request, rows.select_related("account", "organisation", "city"))
    return table.answer or render(
        request,
        "people/people.html",
        {
            "table": table,
            "tabs": tabs(request),
            "may_manage": may(request.user, "people.manage", request.city),
        },
    )


@requires("people.view")
def person(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One person of this city; whoever manages people gives roles and cameras here."""
    account = get_object_or_404(Account, pk=pk)
    memberships = [one for one in queries.memberships_of(pk) if one.city_id == request.city.pk]
    manages = may(request.user, "people.manage", request.city)
    if not memberships and not manages:
        raise Http404
    forms = _forms(request, pk) if manages else {}
    if request.method == "POST" and manages and _take(request, account, forms):
        return redirect(request.path)
    context = {
        "person": account,
        "tabs": tabs(request),
        "memberships": memberships,
        "scopes": queries.scopes_of(pk, request.city.pk),
        "factors_form": LostFactorsForm() if any(queries.second_factors(pk).values()) else None,
        "may_manage": manages,
        **forms,
    }
    return render(request, "people/person.html", context)


def _forms(request: CityRequest, pk: UUID) -> dict[str, GiveRoleForm | ScopeForm]:
    asked = request.POST.get("form") if request.method == "POST" else None
    held = queries.current_memberships(request.city.pk).filter(account=pk)
    return {
        "role_form": GiveRoleForm(request.city, request.POST if asked == "role" else None),
        "scope_form": ScopeForm(request.city, held, request.POST if asked == "scope" else None),
    }


def _take(
    request: CityRequest, account: Account, forms: dict[str, GiveRoleForm | ScopeForm]
) -> bool:
    form = next((one for one in forms.values() if one.is_bound), None)
    if form is None or not form.is_valid():
        return False
    words = form.cleaned_data
    try:
        if isinstance(form, GiveRoleForm):
            organisation: Organisation = words["organisation"]
            give_role(acting(request), account, organisation, words["role"], ends=words["ends"])
        else:
            give_scope(acting(request), words.pop("membership"), words.pop("acts"), **words)
    except PeopleError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved."))
    return True


@require_POST
@requires("people.manage")
def end(request: CityRequest, city: str, pk: UUID, membership: UUID) -> HttpResponse:
    """End a role now."""
    held = get_object_or_404(Membership, pk=membership, account=pk, city=request.city)
    _try(request, lambda: end_role(acting(request), held))
    return redirect("people:person", city=city, pk=pk)


@require_POST
@requires("people.manage")
def end_one_scope(request: CityRequest, city: str, pk: UUID, scope: UUID) -> HttpResponse:
    """End a camera scope now."""
    held = get_object_or_404(CameraScope, pk=scope, membership__account=pk, city=request.city)
    _try(request, lambda: end_scope(acting(request), held))
    return redirect("people:person", city=city, pk=pk)


@require_POST
@requires("people.manage")
def end_all_sessions(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Sign one of this city's people out everywhere: a lost telephone, a doubt."""
    member = queries.current_memberships(request.city.pk).filter(account=pk).first()
    if member is None:
        raise Http404
    places = end_sessions(acting(request), member.account)
    words = ngettext("Signed out of %d place.", "Signed out of %d places.", places)
    messages.success(request, words % places)
    return redirect("people:person", city=city, pk=pk)


@require_POST
@requires("people.manage")
def take_factors(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Take away the lost second factors of one of this city's people."""
    member = queries.current_memberships(request.city.pk).filter(account=pk).first()
    if member is None:
        raise Http404
    form = LostFactorsForm(request.POST)
    try:
        take_lost_factors(acting(request), member.account, form.proof, request.city.pk)
        messages.success(request, _("Taken away. They set up new ones when they sign in."))
    except PeopleError as error:
        messages.error(request, str(error))
    return redirect("people:person", city=city, pk=pk)


def _try(request: HttpRequest, act: object) -> None:
    try:
        act()  # type: ignore[operator]
        messages.success(request, _("Ended."))
    except PeopleError as error:
        messages.error(request, str(error))
