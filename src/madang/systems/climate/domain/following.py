"""Who follows a plan, and how they are told that it changed: once a day, however much is drawn."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.utils import timezone

from madang.ground.notify.public import tell
from madang.ground.people.models import Account
from madang.ground.trail.public import Actor
from madang.systems.climate.models import Follower, Scenario

NOTICE = "climate.plan_changed"


def follow(plan: Scenario, account: Account) -> None:
    Follower.objects.get_or_create(
        scenario=plan, account=account, defaults={"city_id": plan.city_id}
    )


def leave(plan: Scenario, account: Account) -> None:
    Follower.objects.filter(scenario=plan, account=account).delete()


def follows(plan: Scenario, account: Account) -> bool:
    return Follower.objects.filter(scenario=plan, account=account).exists()


def tell_followers(plan: Scenario, actor: Actor) -> None:
    """Tell all but the one who drew, in the transaction of what was drawn."""
    rows = Follower.objects.filter(scenario=plan).select_related("account", "city")
    for row in rows.exclude(account=actor.account) if actor.account else rows:
        day = timezone.now().astimezone(ZoneInfo(row.city.time_zone)).date()
        path = f"/{row.city.key}/climate/plans/{plan.pk}/"
        once = f"{plan.pk} {day.isoformat()}"
        tell(row.account, row.city, NOTICE, once, path, {"name": plan.name})
