from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from madang.ground.ids import new_id


class Entry(models.Model):
    """One act that happened. The application may add entries and read them, nothing else.

    People and cities are named by id without a foreign key: an entry outlives what it speaks of.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    time = models.DateTimeField(db_default=Now())
    city = models.UUIDField(null=True)
    actor = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    action = models.TextField()
    thing_kind = models.TextField(blank=True)
    thing_id = models.TextField(blank=True)
    right = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    commitment = models.BinaryField(help_text="to what Personal says of this entry")

    personal: Personal

    class Meta:
        indexes = [
            models.Index(fields=["time", "id"], name="trail_by_time"),
            models.Index(fields=["city", "time"], name="trail_by_city"),
            models.Index(fields=["actor", "time"], name="trail_by_actor"),
            models.Index(fields=["thing_kind", "thing_id", "time"], name="trail_by_thing"),
            models.Index(fields=["action", "time"], name="trail_by_action"),
        ]


class Personal(models.Model):
    """What of an entry names or describes a person; it can be destroyed and the proofs stay."""

    entry = models.OneToOneField(
        Entry, on_delete=models.DO_NOTHING, primary_key=True, related_name="personal"
    )
    salt = models.BinaryField()
    name = models.TextField()
    address = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    detail: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)


class Pending(models.Model):
    """An entry the sequencer has not placed yet; filled by a trigger, in the order of writing."""

    id = models.BigAutoField(primary_key=True)
    entry = models.UUIDField()


class Place(models.Model):
    """Where in the tree an entry stands: the order of commits, without gaps, for ever."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.DO_NOTHING, related_name="place")
    leaf = models.BinaryField(help_text="its leaf hash")

    class Meta:
        indexes = [models.Index(fields=["leaf"], name="trail_place_by_leaf")]


class Node(models.Model):
    """The hash of a perfect subtree; kept at heights 8, 16, 24…, the rest is quickly made of these."""

    pk = models.CompositePrimaryKey("height", "index")
    height = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()


class SignedHead(models.Model):
    """A head as it was published; the note is what is signed, the columns are there to find it."""

    size = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField()
    note = models.TextField()


class SigningKey(models.Model):
    """A public key that heads were signed with, from a size on."""

    vkey = models.TextField(primary_key=True)
    since = models.BigIntegerField()
    time = models.DateTimeField(db_default=Now())
