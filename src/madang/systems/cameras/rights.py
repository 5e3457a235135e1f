"""What somebody may do with the cameras of a site, by the rights of people."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.city.public import districts_of
from madang.ground.people.models import CameraAct
from madang.ground.people.public import CameraFacts, read_camera_rights
from madang.systems.cameras.models import Site


def facts_of(city: City, site: Site) -> CameraFacts:
    """What a right may depend on: the site's purpose and control domain, and the dong it stands in."""
    district = districts_of(city).at(site.lon, site.lat)
    key = district.key if district else ""
    return CameraFacts(site.pk, city.pk, site.purpose, site.domain, key)


def acts_open(account: UUID, city: City, site: Site) -> list[CameraAct]:
    """What account may do with site now, read from the database."""
    rights, facts, now = read_camera_rights(account), facts_of(city, site), timezone.now()
    return [act for act in CameraAct if rights.by(facts, act.value, now)]


def right_to(account: UUID | None, city: City, site: Site, act: CameraAct) -> str | None:
    """The scope, grant or emergency access by which account may do act with site now."""
    if account is None:
        return None
    return read_camera_rights(account).by(facts_of(city, site), act.value, timezone.now())
