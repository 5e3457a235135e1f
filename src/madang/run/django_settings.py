"""Django, set up from Madang's own settings."""

from __future__ import annotations

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from madang.run import nats
from madang.run.databases import app_url
from madang.run.secrets import secret
from madang.run.settings import home, settings

HOME = home()
DEBUG = False
SECRET_KEY = secret(HOME, "django")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "madang.run.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "procrastinate.contrib.django",
    "rules.apps.AutodiscoverRulesConfig",
    "madang.ground.web",
    "madang.ground.jobs",
    "madang.ground.trail",
    "madang.ground.city",
    "madang.ground.people",
    "madang.ground.notify",
    "madang.ground.cases",
    "madang.ground.sensing",
    "madang.systems.cameras",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """Django's words for a libpq URL."""
    words = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": words.pop("dbname", ""),
        "USER": words.pop("user", ""),
        "PASSWORD": words.pop("password", ""),
        "HOST": words.pop("host", ""),
        "PORT": words.pop("port", ""),
        "CONN_HEALTH_CHECKS": True,  # a connection from before a restart of the server is replaced
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 8, "timeout": 10}, **words},
    }


DATABASES = {"default": database(app_url(HOME, settings()))}

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English"), ("ja", "日本語")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"

NATS_URL = nats.url(HOME, settings())
WEB_THREADS = 8  # of one web process; as many database connections
WEB_LONGEST_QUEUE = 200
