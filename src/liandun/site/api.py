"""The platform's API, version 1: every app's routes under one address, described at /api/v1/openapi.json."""

from __future__ import annotations

import liandun
from liandun.ledger.api import router as ledger
from liandun.web.api import DocumentedAPI, answer_problems

api = DocumentedAPI(title="Liandun 联盾", version=liandun.__version__, urls_namespace="api-1")
api.add_router("/ledger", ledger)
answer_problems(api)
