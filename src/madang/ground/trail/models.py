from __future__ import annotations

from django.db import models

from madang.ground.ids import new_id


class Entry(models.Model):
    """One act that happened. The application may add entries and read them, nothing else.

    People and cities are named by id without a foreign key: an entry outlives what it speaks of.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    time = models.DateTimeField(auto_now_add=True, db_index=True)
    city = models.UUIDField(null=True)
    actor = models.UUIDField(null=True)
    actor_name = models.TextField()
    organisation = models.UUIDField(null=True)
    address = models.TextField(blank=True)
    action = models.TextField()
    thing_kind = models.TextField(blank=True)
    thing_id = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    right = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["city", "thing_kind", "thing_id", "time"])]
