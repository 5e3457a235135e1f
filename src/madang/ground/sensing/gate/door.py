"""The door: whom NATS lets in as which device, answered by us for each connection (its auth callout).

A credential is bound to one client id and one device's topics. NATS asks before it looks at the client
id's session, so that a stranger who uses a device's client id is refused and the device stays
connected. A credential that ends ends its connection: we find it at every server and cut it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from django.db import DatabaseError
from nats.aio.client import Client

from madang.ground.bus.nkeys import AccountKey, TokenError, claims_of
from madang.ground.sensing.dealing import ROOT, lane_of
from madang.ground.sensing.gate.known import DeviceName, Known
from madang.ground.sensing.gate.said import Refused, Said
from madang.ground.sensing.wire import client_id

ASKED = "$SYS.REQ.USER.AUTH"
ACCOUNT = "DEVICES"
ANSWER_WITHIN = 0.3  # seconds in which every server says which connections it has
LOCKED_OUT = 60.0  # seconds for one that floods

log = structlog.get_logger()


@dataclass(frozen=True)
class Asked:
    """What NATS tells of a connection that wants in."""

    server: str
    user_key: str
    user: str
    credential: str
    client: str

    @classmethod
    def read(cls, token: bytes) -> Asked:
        try:
            nats = claims_of(token)["nats"]
            return cls(
                server=nats["server_id"]["id"],
                user_key=nats["user_nkey"],
                user=nats["connect_opts"].get("user", ""),
                credential=nats["connect_opts"].get("pass", ""),
                client=nats["client_info"].get("mqtt_id", ""),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise TokenError(f"a question of NATS without {error}") from error

    @property
    def name(self) -> DeviceName:
        city, _, device = self.user.partition("/")
        return city, device


class Door:
    """Answers for all devices of all cities. known gives the picture of now, renew brings a newer one."""

    def __init__(
        self,
        devices: Client,
        system: Client,
        key: AccountKey,
        known: Callable[[], Known],
        renew: Callable[[], Awaitable[None]],
    ) -> None:
        self.devices = devices
        self.system = system
        self.refused = Refused()
        self._key = key
        self._known = known
        self._renew = renew
        self._locked: dict[DeviceName, float] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Answer from now on, together with the other gates."""
        await self.devices.subscribe(ASKED, queue="gates", cb=self._answer)
        await self.devices.flush()

    def lock_out(self, name: DeviceName, clock: float | None = None) -> None:
        """Let the device not in for a while."""
        self._locked[name] = (time.monotonic() if clock is None else clock) + LOCKED_OUT

    async def cut(self, name: DeviceName) -> int:
        """End the connections of the device, at whichever server they are; how many there were."""
        question = {"mqtt_client": client_id(*name), "acc": ACCOUNT, "auth": True}
        found = 0
        for answer in await self._ask_servers("$SYS.REQ.SERVER.PING.CONNZ", question):
            for connection in answer.get("data", {}).get("connections") or ():
                found += 1
                await self.system.request(  # without a reply's address it is not obeyed
                    f"$SYS.REQ.SERVER.{answer['server']['id']}.KICK",
                    msgspec.json.encode({"cid": connection["cid"]}),
                    timeout=2,
                )
        return found

    async def _ask_servers(self, subject: str, question: dict[str, Any]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []

        async def hear(raw: Any) -> None:
            answers.append(msgspec.json.decode(raw.data))

        inbox = self.system.new_inbox()
        subscription = await self.system.subscribe(inbox, cb=hear)
        await self.system.publish(subject, msgspec.json.encode(question), reply=inbox)
        await asyncio.sleep(ANSWER_WITHIN)
        await subscription.unsubscribe()
        return answers

    async def _answer(self, raw: Any) -> None:
        try:
            asked = Asked.read(raw.data)
        except TokenError as error:
            log.warning("a question of NATS cannot be read", error=str(error))
            return
        why_not = self._why_not(asked)
        if why_not and not self._is_locked(asked.name):
            self._look_again(raw, asked)
        else:
            await raw.respond(self._token(asked, why_not or "").encode())

    def _look_again(self, raw: Any, asked: Asked) -> None:
        """Answer from newer tables, while the next one in the row is answered already."""
        task = asyncio.create_task(self._answer_late(raw, asked))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _answer_late(self, raw: Any, asked: Asked) -> None:
        with contextlib.suppress(DatabaseError):
            await self._renew()  # it may have been registered a moment ago
        await raw.respond(self._token(asked, self._why_not(asked) or "").encode())

    def _why_not(self, asked: Asked) -> str | None:
        """Why the connection is refused; None when it is let in."""
        if asked.client != asked.user:
            return "the client id is not the user name"
        if self._is_locked(asked.name):
            return "too many messages; try again in a minute"
        if not self._known().admits(asked.name, asked.credential):
            return "no such device, or another credential"
        return None

    def _is_locked(self, name: DeviceName) -> bool:
        return self._locked.get(name, 0.0) > time.monotonic()

    def _token(self, asked: Asked, why_not: str) -> str:
        answer: dict[str, Any] = {"type": "authorization_response", "version": 2}
        if why_not:
            answer["error"] = why_not
            self._note(asked, why_not)
        else:
            answer["jwt"] = self._key.sign(_user(asked))
        return self._key.sign({"sub": asked.user_key, "aud": asked.server, "nats": answer})

    def _note(self, asked: Asked, why_not: str) -> None:
        number = self._known().numbers.get(asked.name)
        if number:
            said = Said(*asked.name, "connect", b"")
            self.refused.add(said, number, "denied", f"connection refused: {why_not}")


def _user(asked: Asked) -> dict[str, Any]:
    """What the device may do: publish on its own topics, subscribe to what is meant for it."""
    city, device = asked.name
    return {
        "name": asked.user,
        "sub": asked.user_key,
        "aud": ACCOUNT,
        "nats": {
            "type": "user",
            "version": 2,
            "pub": {"allow": [f"{ROOT}.{lane_of(city, device)}.{city}.{device}.*"]},
            "sub": {"allow": [f"c.{city}.{device}", f"c.{city}.{device}.>"]},
            "subs": 16,
            "data": -1,
            "payload": -1,
            "allowed_connection_types": ["MQTT", "MQTT_WS"],
        },
    }
