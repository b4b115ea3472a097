"""Django's settings, made of `options` and the environment; nothing here is meant to be edited."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from liandun.keyring.ring import load_ring
from liandun.site.databases import database
from liandun.site.options import read_options

HERE = Path(__file__).parent
OPTIONS = read_options(os.environ)
DATA = OPTIONS["DATA"]
KEY_RING = load_ring(DATA, os.environ)
SECRET_KEY = sha256(b"liandun pages\0" + KEY_RING.sign).hexdigest()

DEBUG = OPTIONS["DEBUG"]
ALLOWED_HOSTS = list(OPTIONS["HOSTS"])
DATABASES = {"default": database(OPTIONS["DATABASE_URL"], DATA)}
AUTH_USER_MODEL = "parties.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "liandun.site",  # first: its templates replace those of others
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "liandun.ledger",
    "liandun.parties",
    "liandun.vault",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "liandun.site.security.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "liandun.site.urls"
WSGI_APPLICATION = "liandun.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "liandun.site.menu.page_context",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "liandun.site.templatetags.page"],
        },
    }
]

LANGUAGE_CODE = OPTIONS["LANGUAGE"]
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = OPTIONS["TIME_ZONE"]
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "liandun.site.assets.DigestStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 31_536_000  # for ever: an address changes with its file

CSRF_FAILURE_VIEW = "liandun.site.views.stale_form"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SAMESITE = "Lax"
