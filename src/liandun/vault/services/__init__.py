"""Writes of the vault."""

from liandun.vault.services.budgets import spend
from liandun.vault.services.decisions import close_expired, open_decision, use_decision, void_if_changed, vote
from liandun.vault.services.operations import end_due_operations, end_operation, request_operation, reveal
from liandun.vault.services.personal import Given, erase_subject, keep_personal, rewrap_slice
from liandun.vault.services.review import sign_review
from liandun.vault.services.search import find_subjects

__all__ = [
    "Given",
    "close_expired",
    "end_due_operations",
    "end_operation",
    "erase_subject",
    "find_subjects",
    "keep_personal",
    "open_decision",
    "request_operation",
    "reveal",
    "rewrap_slice",
    "sign_review",
    "spend",
    "use_decision",
    "void_if_changed",
    "vote",
]
