"""The platform's settings for tests: a data folder and keys of their own, and the database that DATABASE_URL names."""

import json
import os
import tempfile
from pathlib import Path

os.environ["LIANDUN_DATA"] = str(Path(tempfile.gettempdir()) / f"liandun-tests-{os.getuid()}")
os.environ["LIANDUN_KEYS"] = json.dumps({"seal": {"1": "11" * 32}, "index": "22" * 32, "sign": "33" * 32})

from liandun.site.settings import *  # noqa: F403  # settings are names of a module

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a test need not wait for a slow one
