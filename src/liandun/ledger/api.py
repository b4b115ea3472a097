"""The ledger over the API: where the chain stands, for partners who keep heads to check ours later."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from liandun.ledger import queries

router = Router(tags=["ledger"])


class HeadOut(Schema):
    """End of the chain: number and hash (hex) of the last entry, and how many facts are not numbered yet."""

    number: int
    hash: str
    waiting: int


@router.get("/head", response=HeadOut, summary="Where the chain stands")
def read_head(request: HttpRequest) -> HeadOut:
    """Number and hash of the last entry: keep them, and `liandun ledger verify --head` proves that nothing changed."""
    number, hash_ = queries.head()
    return HeadOut(number=number, hash=hash_.hex(), waiting=queries.waiting())
