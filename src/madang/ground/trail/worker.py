"""The process that places entries and signs heads; any number may run, one at a time works."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import OperationalError, close_old_connections

from madang.ground.duty import Duty
from madang.ground.trail.domain.keys import WrongKeyError
from madang.ground.trail.domain.sequencing import BATCH, find_forgotten, place_pending
from madang.ground.trail.notes import PROVIDERS, Signer

log = structlog.get_logger(__name__)
PAUSE = 1.0  # seconds between heads: a proof is there well within five of its act
FORGOTTEN_EVERY = 600  # pauses


def main(duty: Duty) -> None:
    """Place what waits, once a second, until the duty ends."""
    signer = configured_signer()
    duty.ready()
    pauses = 0
    while not duty.stop.is_set():
        more = _turn(signer, look_back=pauses % FORGOTTEN_EVERY == 0)
        if not more:
            duty.stop.wait(PAUSE)
            pauses += 1


def configured_signer() -> Signer:
    """The provider and key this installation signs with."""
    return PROVIDERS[settings.TRAIL_SIGNER](settings.TRAIL_SECRET)


def _turn(signer: Signer, look_back: bool) -> bool:
    """One batch; whether there may be more right now."""
    close_old_connections()
    try:
        if look_back and (found := find_forgotten()):
            log.warning("entries without a place were found and queued", entries=found)
        return place_pending(settings.TRAIL_ORIGIN, signer).entries == BATCH
    except WrongKeyError as error:
        log.error("no head is signed", why=str(error))
    except OperationalError as error:
        log.warning("the database does not answer; the trail waits", why=str(error).strip())
    return False
