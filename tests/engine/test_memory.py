"""Address space that costs nothing until it is written, and pages that move to where they are needed next."""

from __future__ import annotations

import mmap
from pathlib import Path

from liandun.engine.memory import HUGE_PAGE, Region

MIB = 1 << 20


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE


def test_a_region_costs_what_is_written():
    before = resident()
    region = Region(1 << 40)
    assert resident() - before < 4 * MIB
    region.bytes[1 << 39 : (1 << 39) + 64 * MIB] = 1
    assert 60 * MIB < resident() - before < 70 * MIB


def test_a_dropped_region_is_gone():
    before = resident()
    region = Region(64 * MIB)
    region.bytes[:] = 1
    del region
    assert resident() - before < 8 * MIB


def test_recycled_pages_cost_nothing_more_where_they_go():
    region = Region(1 << 40)
    region.bytes[: 64 * MIB] = 1
    before = resident()
    for step in range(20):
        place = step * 64 * MIB
        region.recycle(place, 64 * MIB, place + 64 * MIB)
        region.bytes[place + 64 * MIB : place + 128 * MIB] = 2
        assert resident() - before < 8 * MIB
    assert not region.bytes[: 64 * MIB : mmap.PAGESIZE].any()


def test_recycling_leaves_the_pages_beside_it_alone():
    region = Region(4 * HUGE_PAGE)
    for number in range(4):
        region.bytes[number * HUGE_PAGE : (number + 1) * HUGE_PAGE] = number + 1
    region.recycle(HUGE_PAGE, HUGE_PAGE, 2 * HUGE_PAGE)
    assert set(region.bytes[:HUGE_PAGE].tolist()) == {1}
    assert set(region.bytes[3 * HUGE_PAGE :].tolist()) == {4}
    region.bytes[HUGE_PAGE : 3 * HUGE_PAGE] = 9
    assert region.bytes[HUGE_PAGE : 3 * HUGE_PAGE].all()


def test_pages_made_ready_are_there_and_empty():
    region, before = Region(1 << 40), resident()
    region.prepare(1 << 39, 64 * MIB)
    assert 60 * MIB < resident() - before < 70 * MIB
    assert not region.bytes[1 << 39 : (1 << 39) + 64 * MIB].any()


def test_a_region_begins_on_a_large_page():
    region = Region(100)
    assert region.size == HUGE_PAGE
    assert region.address % HUGE_PAGE == 0
    assert region.address == region.bytes.ctypes.data
