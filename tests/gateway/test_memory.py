from io import BytesIO

import numpy as np

from liandun.gateway.replies import Replies
from liandun.replay.journal_codec import PackRef
from tests.gateway.desk import memory


def test_what_is_remembered_is_the_same_after_an_image(desk):
    before, after = memory(desk.folder), memory(desk.folder)
    replies = Replies(desk.pack)
    before.store.begin_era(1, replies)
    before.newest = 77
    before.index.add(np.array([5], np.uint64), np.zeros(1, np.uint64), np.array([9]), 1)
    file = BytesIO()
    before.save(file, replies.ref)
    file.write(b"the engine")
    file.seek(0)
    base = after.load(file, lambda _: replies)
    assert base == PackRef("small", desk.pack.hash)
    assert (after.newest, after.index.seq(5)) == (77, 9)
    assert after.store.eras() == [(1, replies)]
    assert file.read() == b"the engine"
