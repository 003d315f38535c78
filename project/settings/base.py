"""Settings of every environment. What differs between installations comes from `env`, never from a second file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from project.settings import stores
from project.settings.env import ROOT, AppEnv, read_env

env = read_env()

BASE_DIR = ROOT
APP_ENV = env.app_env
DEBUG = env.debug
# Outside production a key may be missing (checks, migrations); it is then fixed and signs nothing of value.
SECRET_KEY = env.secret_key.get_secret_value() or "insecure-" + "only-outside-production-" * 3
SECRET_KEY_FALLBACKS = env.list_of("secret_key_fallbacks")
ALLOWED_HOSTS = env.list_of("allowed_hosts") or ["127.0.0.1", "localhost", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = env.list_of("csrf_trusted_origins")
PUBLIC_URL = env.public_url.rstrip("/")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "axes",
    "django_celery_beat",
    "ninja",
    "project.apps.ProjectConfig",
    "project.kernel.apps.KernelConfig",
    "project.outbox.apps.OutboxConfig",
    "graph.apps.GraphConfig",
    "social.apps.SocialConfig",
    "content.apps.ContentConfig",
    "search.apps.SearchConfig",
]

MIDDLEWARE = [
    "project.kernel.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "project.kernel.middleware.ApiPathMiddleware",
    "project.kernel.middleware.ProblemMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# The API serves a missing final slash itself: a redirected POST would lose its body.
APPEND_SLASH = True

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": stores.database(env)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.redis_url or "redis://127.0.0.1:1/0"
REDIS_PREFIX = env.redis_prefix
NEO4J_URL = env.neo4j_url or "bolt://127.0.0.1:1"
GRAPH_TIMEOUT = env.graph_timeout
MEILISEARCH_URL = env.meilisearch_url or None
MEILISEARCH_KEY = env.meilisearch_key.get_secret_value() or None
MEILISEARCH_PREFIX = env.meilisearch_prefix
STORAGES = stores.storages(env)
MEDIA_ROOT = str(env.media_root or env.data_dir / "media")
DEMO_DATA_DIR = env.data_dir
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{REDIS_PREFIX}:cache",
    }
}

# ---- who signs in, and how
AUTH_USER_MODEL = "social.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "social.hashers.LeanArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_ENABLED = True
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "social.services.credentials.axes_username"
AXES_CLIENT_IP_CALLABLE = "project.kernel.client.axes_client_ip"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
NINJA_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "USER_ID_CLAIM": "sub",
    "ISSUER": "photogram",
    "UPDATE_LAST_LOGIN": False,
}
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
SESSION_LIFETIME = timedelta(days=365)
REFRESH_RETRY_GRACE = timedelta(seconds=10)
# Until then a deleted account can come back; after that it is purged.
ACCOUNT_DELETION_GRACE = timedelta(days=env.account_deletion_grace_days)
ACCOUNT_DELETION_LINK_LIFETIME = timedelta(hours=24)
PUBLIC_READ = env.public_read
REFRESH_COOKIE = "refresh_token"
# Over plain HTTP a browser would drop a Secure cookie, and with it the log-in of a try-out on one's own machine.
REFRESH_COOKIE_SECURE = env.app_env is AppEnv.PRODUCTION
PASSWORD_RECOVERY_LIFETIME = timedelta(hours=1)
PASSWORD_RESET_URL = env.password_reset_url
POST_URL = env.post_url or f"{PUBLIC_URL}/api/v1/posts/{{id}}/"
EMAIL_LINK_LIFETIME = timedelta(hours=24)
MOBILE_CODE_LIFETIME = timedelta(minutes=10)
MOBILE_CODE_TRIES = 5
USERNAME_COOLDOWN = timedelta(days=30)
USERNAME_RESERVATION = timedelta(days=30)

SILENCED_SYSTEM_CHECKS = [
    "axes.W002",  # its middleware only renders lockouts; the API answers them itself
    "security.W021",  # whether to be in browsers' preload lists is the operator's choice
    "auth.W004",  # usernames are unique by Lower(username)
]

# ---- limits
TRUSTED_PROXIES = env.trusted_proxies
# scope: (requests, seconds, burst). One bucket a scope and caller; numbers are per installation.
RATE_LIMITS = {
    "anonymous": (300, 60, 60),
    "user": (1200, 60, 200),
    "write": (240, 60, 60),
    "login": (20, 60, 10),  # by account and address: log-in and every other check of a password
    "login-address": (60, 60, 30),
    "recovery": (20, 3600, 10),  # by address
    "recovery-mail": (3, 3600, 3),  # by account
    # Of its own: failed log-ins from an address must not sign out who is behind it.
    "refresh": (120, 60, 60),
    "register": (20, 3600, 10),
    "mail": (10, 3600, 5),  # by account: what sends a mail to an address that one names
    "mail-recipient": (10, 3600, 5),  # by that address
    "sms": (6, 3600, 3),  # by account
    "sms-recipient": (6, 3600, 3),  # by number
    "code": (30, 600, 10),
    "link": (60, 60, 20),
    "search": (240, 60, 40),
    "upload": (120, 60, 30),
    "message": (240, 60, 40),
}
RATE_LIMIT_FACTOR = env.rate_limit_factor
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "content.media.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# What one request may carry to the API itself; what is larger goes to the storage by a presigned upload.
MEDIA_DIRECT_MAX_BYTES = 20 * 1024 * 1024
MEDIA_IMAGE_MAX_BYTES = 20 * 1024 * 1024
MEDIA_IMAGE_MAX_PIXELS = 50_000_000
MEDIA_VIDEO_MAX_BYTES = env.media_video_max_mib * 1024 * 1024
MEDIA_VIDEO_MAX_PIXELS = 4096 * 2304
MEDIA_VIDEO_MAX_SECONDS = env.media_video_max_seconds
# How long a presigned upload can be used, and how many an account may have open.
MEDIA_UPLOAD_LIFETIME = timedelta(minutes=30)
MEDIA_OPEN_UPLOADS = 20
MEDIA_LINK_WINDOW = timedelta(seconds=150)
# How long a story that is over stays for moderation; nobody sees it by its id or in a list meanwhile.
STORY_GRACE = timedelta(hours=env.story_grace_hours)
COMMENT_BURST_PER_SECOND = env.comment_burst_per_second
TRENDS_WINDOW = timedelta(hours=env.trends_window_hours)
TRENDS_HALF_LIFE = timedelta(hours=env.trends_half_life_hours)
IDEMPOTENCY_TTL = timedelta(hours=24)
# Seconds after which a process compares its copy of the page permissions with PostgreSQL, whatever Redis says.
PERMISSIONS_MAX_AGE = 5.0
# A relationship mark falls due only after the graph transaction can no longer be running.
RELATIONSHIP_MARK_LEASE = timedelta(seconds=3 * GRAPH_TIMEOUT)

# ---- transport
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.app_env is AppEnv.PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^api/v1/health/"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CORS_ALLOWED_ORIGINS = env.list_of("cors_allowed_origins")
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-csrftoken",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = ["ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
CONTENT_SECURITY_POLICY = {
    # unfold's Alpine build evaluates expressions; its pages are for signed-in staff only.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    },
}

# ---- files, language, time
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if env.app_env is AppEnv.PRODUCTION else None
# Static files straight from the apps: no collectstatic is needed to see the docs and the admin.
WHITENOISE_USE_FINDERS = env.app_env is not AppEnv.PRODUCTION
WHITENOISE_AUTOREFRESH = False
LANGUAGE_CODE = "en"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_FROM_EMAIL = env.default_from_email
_mail = stores.mail(env)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
globals().update(_mail)
EMAIL_FILE_PATH: str = _mail.get("EMAIL_FILE_PATH", "")
SMS_BACKEND, SMS_URL, SMS_TOKEN, SMS_FILE_PATH = stores.sms(env)

# ---- background work
CELERY_BROKER_URL = env.celery_broker_url or REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{REDIS_PREFIX}:celery:", "visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "outbox-sweep": {"task": "project.outbox.tasks.sweep", "schedule": 10.0},
    "idempotency-expire": {"task": "project.kernel.tasks.expire_idempotency_keys", "schedule": 3600.0},
    "posts-carry-over-views": {"task": "content.tasks.carry_over_views", "schedule": 60.0},
    "posts-publish-due": {"task": "content.tasks.publish_due_posts", "schedule": 15.0},
    "sessions-forget": {"task": "social.tasks.forget_ended_sessions", "schedule": 6 * 3600.0},
    "tokens-forget": {"task": "social.tasks.forget_expired_tokens", "schedule": 3600.0},
    "accounts-purge": {"task": "social.tasks.purge_due_accounts", "schedule": 900.0},
    "stories-sweep-expired": {"task": "content.tasks.sweep_expired_stories", "schedule": 60.0},
    "trends-refresh": {"task": "content.tasks.refresh_trends", "schedule": 60.0},
    "media-sweep-unattached": {"task": "content.tasks.sweep_unattached_media", "schedule": 3600.0},
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": {"()": "project.kernel.logs.formatter", "as_json": env.log_json}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": env.log_level},
    "loggers": {
        "neo4j": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
        # Anybody can send a wrong Host header; the answer is a 400.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        # 4xx are answers, not incidents; the access log has them.
        "django.request": {"level": "ERROR"},
    },
}

UNFOLD = {"SITE_TITLE": "Photogram backend", "SITE_HEADER": "Photogram backend", "SHOW_HISTORY": True}
