"""What the demo city says of its cameras beside the register: basis, domain, hours, and its policy."""

from __future__ import annotations

from django.db.models import Q

from madang.ground.city.models import City
from madang.ground.trail.public import Actor
from madang.systems.cameras.models import Policy, Site
from madang.systems.cameras.public import change_policy

ALL_DAY = "24시간"
# By the use a pole was put there for: why the law allows it, which domain watches it, when it films.
USES: dict[str, tuple[str, str, str]] = {
    "neighbourhood": ("crime", "neighbourhood", ALL_DAY),
    "road": ("crime", "road-crime", ALL_DAY),
    "park": ("facility", "park", ALL_DAY),
    "school": ("crime", "school-zone", ALL_DAY),
    "parking": ("enforcement", "parking", "07:00–21:00"),
    "signal": ("enforcement", "traffic", ALL_DAY),
    "traffic": ("traffic", "traffic", ALL_DAY),
    "river": ("facility", "disaster", ALL_DAY),
    "wildfire": ("facility", "wildfire", ALL_DAY),
}
WORDS = {
    "responsible": "도시안전통합센터장 (안전정책과)",
    "phone": "",  # a number that somebody could call would be somebody's
    "storage": "도시안전통합센터 저장장치실",
    "deletion": "보관 기간이 지나면 자동으로 지우고, 저장장치를 버릴 때는 부수어 되살릴 수 없게 함",
    "viewing": "도시안전통합센터 영상열람실\n평일 09:00–18:00 (12:00–13:00 제외)",
    "physical": "관제실과 저장장치실은 출입 권한이 있는 사람만 들어가며, 출입을 기록함",
    "other": "마당시는 모의 도시입니다. 이 방침은 보기로 적은 것입니다.",
}


def tell_of_cameras(city: City, actor: Actor) -> None:
    """Record what no national register has, where nobody has; a facility's cameras stay as they are."""
    for use, (basis, domain, hours) in USES.items():
        bare = Q(basis="", domain="", hours="")
        poles = Site.objects.filter(bare, city=city, details__use=use)
        poles.update(basis=basis, domain=domain, hours=hours)
    if not Policy.objects.filter(city=city).exists():
        change_policy(city, actor, 0, **WORDS)
