"""All settings, from the environment alone (names in README.md). Must not hold a secret or a rule of the clinic."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from clinic_site import env
from pages import cycle_script

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("CLINIC_VAR", str(BASE_DIR / "var")))

PORT = env.whole("PORT", 8000, least=1, most=65535)
SIMULATOR_PORT = env.whole("SIMULATOR_PORT", 8001, least=1, most=65535)
SITE_URL = env.site_url(f"http://localhost:{PORT}")
# Production means that strangers can reach the site; TLS settings follow from the scheme alone.
IS_PRODUCTION = not env.is_loopback(SITE_URL)
USES_TLS = SITE_URL.startswith("https://")

DEBUG = env.debug(is_production=IS_PRODUCTION)
SECRET_KEY = env.secret("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = env.fernet_keys("FIELD_ENCRYPTION_KEYS")
LOOKUP_KEY = env.secret("LOOKUP_KEY")
LINK_KEY = env.secret("LINK_KEY")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [
    SITE_HOST,
    *([] if IS_PRODUCTION else ["localhost", "127.0.0.1"]),
]
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")

INSTALLED_APPS = [
    "modeltranslation",
    "clinic_site.apps.ClinicSiteConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "crispy_forms",
    "crispy_bootstrap5",
    "content_editor",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "pages",
    "booking",
]

MIDDLEWARE = [
    # Answers reading pages from memory: nothing below runs for them, so they can carry no cookie.
    "clinic_site.reading_cache.ReadingCacheMiddleware",
    "clinic_site.middleware.TrustedProxyMiddleware",
    # Above what answers by itself: a redirect to TLS and a static file carry the policy, too.
    "clinic_site.middleware.HeadersMiddleware",
    "clinic_site.middleware.MachinesMiddleware",
    "clinic_site.middleware.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic_site.middleware.LanguageFromPathMiddleware",
    "clinic_site.errors.WordsForRefusalsMiddleware",
    "clinic_site.middleware.PublicSizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic_site.middleware.StaffSecondFactorMiddleware",
    "clinic_site.middleware.StaffIdleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "clinic_site.urls"
WSGI_APPLICATION = "clinic_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic_site.context_processors.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.database(VAR_DIR / "clinic.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache()}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# Error pages as files, for nginx and for the moments without a database (pages/error_files.py).
ERROR_PAGES = Path(env.text("ERROR_PAGES", str(VAR_DIR / "errors")))

EMAIL_FOLDER = VAR_DIR / "mail"
globals().update(env.email(EMAIL_FOLDER))
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"clinic@{SITE_HOST}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
STAFF_EMAIL = env.words("STAFF_EMAIL")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "clinic_site" / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ()  # a missing Spanish text is empty, never English
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Los_Angeles"  # the clinic's wall clock; instants are stored in UTC

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Sessions exist from the first form page on (patients) and for staff. Their data is encrypted at rest.
SESSION_ENGINE = "clinic_site.session_store"
SESSION_COOKIE_NAME = "__Host-session" if USES_TLS else "session"
SESSION_COOKIE_AGE = 24 * 60 * 60
SESSION_COOKIE_SECURE = USES_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
AUTHENTICATION_BACKENDS = ["booking.sign_in.StaffBackend"]
STAFF_IDLE_SECONDS = 30 * 60
# Where strangers reach the site, a password alone lets nobody in. On one's own machine it is offered.
STAFF_NEEDS_SECOND_FACTOR = IS_PRODUCTION
CSRF_COOKIE_NAME = "__Host-csrf" if USES_TLS else "csrf"
CSRF_COOKIE_SECURE = USES_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "clinic_site.errors.page_was_open_too_long"

SECURE_SSL_REDIRECT = USES_TLS
# The load balancer probes over plain HTTP. What Twilio calls is answered before any redirect (MachinesMiddleware).
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if USES_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = USES_TLS
SECURE_HSTS_PRELOAD = USES_TLS
# same-origin, not no-referrer: with the latter browsers post `Origin: null` and Django refuses every form.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "script-src": [cycle_script.SOURCE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Whoever inspects a reading page (Lighthouse) asks for robots.txt in its name. Pages that hold answers reach nothing.
READING_CONTENT_SECURITY_POLICY = {**CONTENT_SECURITY_POLICY["DIRECTIVES"], "connect-src": [SELF]}
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, NONCE, cycle_script.SOURCE],
    "connect-src": [SELF],
}
# For staff, who may paste a whole document; patients' forms are held to less (middleware.PublicSizeMiddleware).
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
PUBLIC_UPLOAD_MOST = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# No form takes a file but the one for a file of content (pages/admin/transfer.py), at most 2.5 MB, kept in memory.
# Without the handler that spools to disk, what is uploaded all the same is dropped.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# In the encrypted session, not in a cookie that can be read: staff are told when a visit is.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_API_KEY_SID = env.text("TWILIO_API_KEY_SID")
TWILIO_API_KEY_SECRET = env.text("TWILIO_API_KEY_SECRET")
TWILIO_AUTH_TOKENS = env.words("TWILIO_AUTH_TOKEN")
TWILIO_MESSAGING_SERVICE_SID = env.text("TWILIO_MESSAGING_SERVICE_SID")
TWILIO_FROM_NUMBER = env.text("TWILIO_FROM_NUMBER")
TWILIO_API_URL = env.text("TWILIO_API_URL", "https://api.twilio.com").rstrip("/")
TWILIO_TIMEOUT_SECONDS = env.whole("TWILIO_TIMEOUT_SECONDS", 10, least=1, most=60)
# Where doctors' calendars may be read from; ".icloud.com" means every host below it.
CALENDAR_FEED_HOSTS = env.words(
    "CALENDAR_FEED_HOSTS", "calendar.google.com,outlook.office365.com,outlook.live.com,.icloud.com"
)
CALENDAR_FEEDS_MAY_BE_LOCAL = DEBUG
REQUEST_LIMIT_PER_HOUR = env.whole("REQUEST_LIMIT_PER_HOUR", 10, least=0, most=100_000)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "clinic_site.log_format.NoPersonalDataFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # They write numbers, bodies and addresses at INFO.
        "twilio": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
