"""What other rooms and systems may call."""

from madang.ground.notify.domain.telling import send_letter, tell
from madang.ground.notify.kinds import declare

__all__ = ["declare", "send_letter", "tell"]
