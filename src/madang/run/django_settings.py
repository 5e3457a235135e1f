"""Django, set up from Madang's own settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from madang.run import demo_cameras, nats
from madang.run.databases import app_url, words_for_django
from madang.run.secrets import secret
from madang.run.settings import home, settings


def mail(server: str | None) -> dict[str, Any]:
    """Django's settings for letters: by the server, else as files."""
    if server is None:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}
    words = urlsplit(server)
    tls = words.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": words.hostname,
        "EMAIL_PORT": words.port or (465 if tls else 587),
        "EMAIL_HOST_USER": unquote(words.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(words.password or ""),
        "EMAIL_USE_SSL": tls,
        "EMAIL_USE_TLS": not tls and bool(words.username),
        "EMAIL_TIMEOUT": 15,
    }


def allowed_hosts(public_url: str | None) -> list[str]:
    """The host of public_url and this machine's own names; any where none is set."""
    if not public_url:
        return ["*"]
    return [urlsplit(public_url).hostname or "", "localhost", "127.0.0.1", "[::1]"]


def names_of_cookies(tls: bool) -> tuple[str, str, str, str]:
    """What the cookies of the session, the forms' token, the language and the theme are called."""
    before = "__Host-" if tls else ""
    return f"{before}sessionid", f"{before}csrftoken", f"{before}language", f"{before}theme"


HOME = home()
DEBUG = False
SECRET_KEY = secret(HOME, "django")
# A letter carries the address it was asked from, so where the city's is known no other is answered.
ALLOWED_HOSTS = allowed_hosts(settings().public_url)
ROOT_URLCONF = "madang.run.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "ninja",
    "procrastinate.contrib.django",
    "rules.apps.AutodiscoverRulesConfig",
    "madang.ground.web",
    "madang.ground.jobs",
    "madang.ground.trail",
    "madang.ground.city",
    "madang.ground.people",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "madang.ground.notify",
    "madang.ground.privacy",
    "madang.ground.cases",
    "madang.ground.sensing",
    "madang.ground.desk",
    "madang.ground.console",
    "madang.ground.live",
    "madang.ground.platform",
    "madang.systems.cameras",
    "madang.systems.climate",
    "madang.systems.emergency",
    "madang.systems.traffic",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "madang.ground.web.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "madang.ground.web.problems.ProblemMiddleware",
    "madang.ground.web.rates.ApiRateMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "madang.ground.people.web.sitting.SittingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "madang.ground.people.web.provider.ProviderFaultMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "madang.ground.city.web.middleware.CityMiddleware",
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
                "madang.ground.web.shell.shell",
            ]
        },
    }
]


DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **(words := words_for_django(app_url(HOME, settings()))),
        "CONN_HEALTH_CHECKS": True,  # a connection from before a restart of the server is replaced
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 8, "timeout": 10}, **words["OPTIONS"]},
    }
}

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "madang.ground.people.backend.RightsBackend",
]
# Hashes of the second kind are from before; each becomes one of the first when its owner signs in.
PASSWORD_HASHERS = [
    "madang.ground.people.hashing.Argon2id",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
        for name, options in (
            ("MinimumLengthValidator", {"min_length": 10}),
            ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
            ("CommonPasswordValidator", {}),
            ("NumericPasswordValidator", {}),
        )
    ),
    {"NAME": "madang.ground.people.passwords.Leaked"},
    {"NAME": "madang.ground.people.passwords.WordsOfThePlace"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "madang.ground.people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# What opens the account's doors (address, factors, sessions) asks who one is, if that is long ago.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Madang"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ADAPTER = "madang.ground.people.recovery_codes.FactorsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False
USERSESSIONS_ADAPTER = "madang.ground.people.adapter.SessionsAdapter"


def openid_providers(server: str | None, client: str, secret: str | None, name: str) -> Any:
    """The city's own sign-in as allauth takes it; none without a server."""
    app = {
        "provider_id": "city",
        "name": name,
        "client_id": client,
        "secret": secret or "",
        "settings": {"server_url": server},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app] if server else []}}


SOCIALACCOUNT_PROVIDERS = openid_providers(
    settings().oidc_server, settings().oidc_client, settings().oidc_secret, settings().oidc_name
)
SOCIALACCOUNT_ADAPTER = "madang.ground.people.adapter.SocialAdapter"
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
# The account was made by invitation; whoever the provider says has its address, verified, has it.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False

PUBLIC_URL = settings().public_url or ""
HTTPS = PUBLIC_URL.startswith("https://")
# A passkey is bound to where it is used: http is only allowed on this very machine.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60  # longer than any shift, shorter than a day
SESSION_IDLE = settings().session_idle_minutes * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# __Host-: a browser takes such a cookie only over TLS, from this very host, for all of it.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME, THEME_COOKIE_NAME = names_of_cookies(
    HTTPS
)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # not one more cookie
# Only said over TLS; a city that gives its name another use within a year can wait or be told.
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")] if PUBLIC_URL else []

# Shared by all processes, so that limits on sign-in count every attempt, whoever answered it.
CACHES = {
    "default": {
        "BACKEND": "madang.ground.people.shared_cache.SharedCache",
        "LOCATION": "people_shared_cache",
    }
}
# Letters wait in this folder until the city names its mail server.
globals().update(mail(settings().mail_server))
EMAIL_FILE_PATH = HOME / "mail"
DEFAULT_FROM_EMAIL = settings().mail_from

TRAIL_ORIGIN = settings().trail_origin
TRAIL_SIGNER = settings().trail_signer
TRAIL_SECRET = secret(HOME, "trail")
TRAIL_PERSONAL_DAYS = settings().trail_personal_days

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English"), ("ja", "日本語")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# What Vite builds; the files of Django applications are found where they are installed.
STATIC_ROOT = Path(__file__).resolve().parents[3] / "frontend" / "dist"
FORM_RENDERER = "madang.ground.web.forms.Renderer"
CSRF_FAILURE_VIEW = "madang.ground.web.errors.csrf_failure"
MESSAGE_TAGS = {10: "info", 20: "info", 25: "success", 30: "warning", 40: "error"}

OIDC_ORIGIN = (
    ["{0.scheme}://{0.netloc}".format(urlsplit(server))]
    if (server := settings().oidc_server)
    else []
)
# Nothing inline, nothing from elsewhere. MapLibre's worker is a file of ours (setWorkerUrl), hls.js plays
# from blobs, and maps draw images that they made.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        # A browser holds the redirect of a form to this too: to the city's own sign-in.
        "form-action": ["'self'", *OIDC_ORIGIN],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"

NATS_URL = nats.url(HOME, settings())
METRICS_TOKEN = settings().metrics_token
LOGGING_CONFIG = "madang.run.logs.configure"
LOGGING = {"level": settings().log_level}
NATS_DEVICES_URL = nats.devices_url(HOME, settings())
NATS_SYSTEM_URL = nats.system_url(HOME, settings())
NATS_CALLOUT_SECRET = secret(HOME, nats.CALLOUT_SECRET)
NATS_LOG = nats.log_file(HOME, settings())
WEB_THREADS = 8  # of one web process; as many database connections
WEB_LONGEST_QUEUE = 200
LARGEST_UPLOAD = settings().largest_upload_mb << 20
API_RATE = settings().api_rate

MQTT_ADDRESS = (nats.HOST, nats.ports(HOME).mqtt)
CAMERAS_SECRET = secret(HOME, "cameras")  # opens the passwords of cameras
FOOTAGE_FOLDER = settings().footage_folder or HOME / "footage"
FOOTAGE_MOST = round(settings().footage_gb * 1e9)  # bytes; 0: as much as is free
FOOTAGE_LEAST_FREE = settings().footage_least_free_mb << 20
FOOTAGE_SECONDS = settings().footage_seconds
EXPORTS_FOLDER = settings().exports_folder or HOME / "exports"
EXPORTS_SECRET = secret(HOME, "exports")  # signs packages of footage
MASKED_STREAMS = settings().masked_streams
DEMO_DEVICES_SECRET = secret(HOME, "demo-devices")
DEMO_CAMERAS_ADDRESS = (nats.HOST, demo_cameras.port(HOME))
DEMO_ONVIF_ADDRESS = (nats.HOST, demo_cameras.onvif_port(HOME))
DEMO_FOOTAGE = settings().demo_footage
DEMO_RECORDED = settings().demo_recorded
TRAFFIC_LEVELS = settings().traffic_levels
TRAFFIC_WINDOWS = settings().traffic_windows
DEMO_SCENARIO = settings().demo_scenario
DEMO_HOURS_BACK = settings().demo_hours_back
DEMO_RATE = settings().demo_rate
