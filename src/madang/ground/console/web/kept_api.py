"""What a person keeps on the console: views and bookmarks of a city."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field, model_validator

from madang.ground.city.web.middleware import CityRequest
from madang.ground.console.domain import keeping
from madang.ground.console.models import Bookmark, SavedView
from madang.ground.console.screens import View, Word
from madang.ground.people.models import Account
from madang.ground.people.public import RightAuth

router = Router(tags=["console"])
keep = RightAuth("console.keep")


class Name(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]


class ViewIn(Name):
    state: View


class ViewOut(Schema):
    id: UUID
    name: str
    state: View
    changed: datetime


class BookmarkIn(Name):
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    zoom: Annotated[float, Field(ge=0, le=24)]
    thing_kind: Annotated[str, Field(max_length=40)] = ""
    thing_id: Word = ""

    @model_validator(mode="after")
    def _thing_is_whole(self) -> Self:
        if bool(self.thing_kind) != bool(self.thing_id):
            raise ValueError("thing_kind and thing_id go together: give both, or neither.")
        return self


class BookmarkOut(BookmarkIn):
    id: UUID
    changed: datetime


@router.get("/{city}/console/views", response=list[ViewOut], auth=keep)
def views(request: CityRequest, city: str) -> Any:
    """The views this person saved."""
    return _mine(SavedView, request)


@router.put("/{city}/console/views", response=ViewOut, auth=keep)
def save_view(request: CityRequest, city: str, view: ViewIn) -> Any:
    """Save a view; the same name again replaces it."""
    state = view.state.model_dump(mode="json")
    return _kept(
        lambda: keeping.save_view(request.city, _person(request), view.name.strip(), state)
    )


@router.patch("/{city}/console/views/{uuid:pk}", response=ViewOut, auth=keep)
def rename_view(request: CityRequest, city: str, pk: UUID, new: Name) -> Any:
    """Call a saved view by another name."""
    return _renamed(SavedView, request, pk, new.name.strip())


@router.delete("/{city}/console/views/{uuid:pk}", response={204: None}, auth=keep)
def remove_view(request: CityRequest, city: str, pk: UUID) -> Any:
    """Let go of a saved view."""
    return _let_go(SavedView, request, pk)


@router.get("/{city}/console/bookmarks", response=list[BookmarkOut], auth=keep)
def bookmarks(request: CityRequest, city: str) -> Any:
    """The places this person marked."""
    return _mine(Bookmark, request)


@router.put("/{city}/console/bookmarks", response=BookmarkOut, auth=keep)
def set_bookmark(request: CityRequest, city: str, mark: BookmarkIn) -> Any:
    """Mark a place; the same name again moves the mark."""
    place = mark.model_dump(exclude={"name"})
    return _kept(
        lambda: keeping.set_bookmark(request.city, _person(request), mark.name.strip(), place)
    )


@router.patch("/{city}/console/bookmarks/{uuid:pk}", response=BookmarkOut, auth=keep)
def rename_bookmark(request: CityRequest, city: str, pk: UUID, new: Name) -> Any:
    """Call a mark by another name."""
    return _renamed(Bookmark, request, pk, new.name.strip())


@router.delete("/{city}/console/bookmarks/{uuid:pk}", response={204: None}, auth=keep)
def remove_bookmark(request: CityRequest, city: str, pk: UUID) -> Any:
    """Let go of a mark."""
    return _let_go(Bookmark, request, pk)


def _person(request: CityRequest) -> Account:
    assert isinstance(request.user, Account)  # console.keep is for those who are signed in
    return request.user


def _mine(kind: Any, request: CityRequest) -> Any:
    return list(kind.objects.filter(city=request.city, account=_person(request)).order_by("name"))


def _kept(save: Any) -> Any:
    try:
        return save()
    except keeping.TooManyError:
        raise HttpError(
            409, _("You keep %d already: remove one first.") % keeping.MOST_KEPT
        ) from None


def _renamed(kind: Any, request: CityRequest, pk: UUID, name: str) -> Any:
    try:
        kept = keeping.rename(kind, request.city, _person(request), pk, name)
    except keeping.NameTakenError:
        raise HttpError(
            409, _("You keep another one called “%s”: choose another name.") % name
        ) from None
    if kept is None:
        raise Http404(_("You keep no such thing."))
    return kept


def _let_go(kind: Any, request: CityRequest, pk: UUID) -> Any:
    if not keeping.let_go(kind, request.city, _person(request), pk):
        raise Http404(_("You keep no such thing."))
    return Status(204, None)
