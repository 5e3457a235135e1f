from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from madang.ground.ids import new_id


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").lower())


class Account(AbstractBaseUser):
    """A person who signs in. What they may do comes from their memberships, not from here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    language = models.CharField(_("language"), max_length=5, default="ko")
    is_active = models.BooleanField(_("active"), default=True)
    steward = models.BooleanField(
        default=False, help_text="keeps the installation, above its cities"
    )
    demo = models.BooleanField(default=False, help_text="made to try the demo city, no real person")
    joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = AccountManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="account_email_is_lower"
            ),
            models.CheckConstraint(
                condition=Q(steward=False) | Q(demo=False), name="account_demo_is_no_steward"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="account_by_name"),
            models.Index(
                fields=["email"], opclasses=["text_pattern_ops"], name="account_email_begins"
            ),
            models.Index(
                fields=["name"], opclasses=["text_pattern_ops"], name="account_name_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, permission: str, thing: Any = None) -> bool:
        """Django's question, answered by the rules; thing is the city, or something of a city."""
        from madang.ground.people.rights import city_of, may

        return may(self, permission, city_of(thing), thing)
