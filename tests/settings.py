"""The settings under test: the real ones with fixed keys, SQLite, and a folder of their own."""

import os
import tempfile
from pathlib import Path

_folder = Path(os.environ.get("CLINIC_TEST_VAR") or tempfile.mkdtemp(prefix="clinic-test-"))
os.environ.setdefault("CLINIC_TEST_VAR", str(_folder))

os.environ.update(
    {
        "CLINIC_VAR": str(_folder),
        "SITE_URL": "http://testserver.localhost",
        "SECRET_KEY": "test-secret-key-" + "s" * 40,
        "LOOKUP_KEY": "test-lookup-key-" + "l" * 40,
        "LINK_KEY": "test-link-key-" + "k" * 40,
        "FIELD_ENCRYPTION_KEYS": "ZmVybmV0LXRlc3Qta2V5LTAxMjM0NTY3ODktYWJjZGU=",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_API_KEY_SID": "SK" + "0" * 32,
        "TWILIO_API_KEY_SECRET": "api-key-secret",
        "TWILIO_AUTH_TOKEN": "auth-token-0123456789",
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "TWILIO_TIMEOUT_SECONDS": "2",
        "REQUEST_LIMIT_PER_HOUR": "10",
        "STAFF_EMAIL": "desk@clinic.example",
        "EMAIL_URL": "memorymail://",
        "DEBUG": "0",
    }
)
for name in (
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "CACHE_URL",
    "TWILIO_FROM_NUMBER",
    "TWILIO_EDGE",
    "TWILIO_REGION",
):
    os.environ.pop(name, None)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{_folder / 'clinic.sqlite3'}")

from clinic_site import settings as _real  # noqa: E402
from clinic_site.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "testserver.localhost", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **_real.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = _folder / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns about a folder that is not there
if "sqlite" in str(DATABASES["default"]["ENGINE"]):  # noqa: F405
    # A file, as in production: threads that race for one time must each have a connection of their own.
    DATABASES["default"]["TEST"] = {"NAME": _folder / "test.sqlite3"}  # noqa: F405
