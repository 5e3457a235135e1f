from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlatformConfig(AppConfig):
    name = "madang.ground.platform"
    label = "platform"

    def ready(self) -> None:
        from madang.ground.web.registry import Tool, register_tool

        register_tool(
            Tool("jobs", _("Jobs"), "list-checks", "platform:jobs", 90, "platform.operate")
        )
        register_tool(Tool("api", _("API"), "code", "api_docs", 95))
