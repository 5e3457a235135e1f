from django.apps import AppConfig


class CamerasConfig(AppConfig):
    name = "madang.systems.cameras"
    label = "cameras"

    def ready(self) -> None:
        from madang.ground.city.public import register_recogniser
        from madang.ground.people.public import register_cameras
        from madang.ground.privacy.public import register_keeper, requests_changed
        from madang.systems.cameras import choices, console, layers, tasks
        from madang.systems.cameras.domain.requested import keeping
        from madang.systems.cameras.register import REGISTER
        from madang.systems.cameras.web import shell

        register_recogniser(REGISTER)
        layers.register()
        register_cameras(choices.find, choices.named, choices.purposes)
        console.register_all()
        shell.register()
        register_keeper(keeping)
        requests_changed.connect(tasks.keep_requested_later)
