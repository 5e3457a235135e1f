"""What somebody may do with the cameras of a site, by the rights of people."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.city.public import districts_of
from madang.ground.people.models import CameraAct
from madang.ground.people.public import CameraFacts, read_camera_rights
from madang.systems.cameras.models import Site


def facts_of(city: City, site: Site) -> CameraFacts:
    """What a right may depend on: the site's purpose and control domain, and the dong it stands in."""
    return facts_of_all(city, [site])[site.pk]


def facts_of_all(city: City, sites: Iterable[Site]) -> dict[UUID, CameraFacts]:
    """The same of many sites of a city at once."""
    found = {one.pk: one for one in sites}
    districts, rows = districts_of(city), list(found.values())
    places = districts.of([one.lon for one in rows], [one.lat for one in rows]).tolist()
    keys = [districts.rows[at].key if at >= 0 else "" for at in places]
    return {
        one.pk: CameraFacts(one.pk, city.pk, one.purpose, one.domain, key)
        for one, key in zip(rows, keys, strict=True)
    }


def acts_open(account: UUID, city: City, site: Site) -> list[CameraAct]:
    """What account may do with site now, read from the database."""
    rights, facts, now = read_camera_rights(account), facts_of(city, site), timezone.now()
    return [act for act in CameraAct if rights.by(facts, act.value, now)]


def right_to(account: UUID | None, city: City, site: Site, act: CameraAct) -> str | None:
    """The scope, grant or emergency access by which account may do act with site now."""
    if account is None:
        return None
    return read_camera_rights(account).by(facts_of(city, site), act.value, timezone.now())
