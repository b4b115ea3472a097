"""Where the kernels find things: word offsets of the structures that Python fills and kernels read and write.

Every structure is a run of 8-byte words at a fixed address. `Context` holds the addresses of all others.
"""

from __future__ import annotations

from enum import IntEnum

BLOCK = 64
"""Events handled together; also the width of a word of the rule machine."""

LEAVE, ENTRY = BLOCK, BLOCK + 256
"""First schedule numbers of leaving and of late entering events; events of the block come first."""

NUMBERS = BLOCK + 2 * 256
"""Most schedule numbers of one window class in one go."""

RAW = 72
"""Cells per output slot: one per event of a block, then the bin that expiries write to."""

SPAN = 2**30
"""Positions that the event log can hold at once; a position's cell is its remainder."""

READIED = 2**14
"""Log positions whose pages of one column are brought into memory together, before events come to them."""

PLACE_OF_PARTY = 58
"""The bits of a party from this one on say in which of 64 places the kernel looks for it."""

ROW_KEY, ROW_LAST, ROW_FLAGS, ROW_BODY = 0, 8, 16, 24
"""Byte offsets in a row: entity key, time last seen, list flags (when the role has lists), accumulators."""


class Context(IntEnum):
    """The engine's own words."""

    TIMES = 0  # input columns
    PARTIES = 1
    STREAMS = 2
    CREATED = 3  # output: rows created per event
    HEAD = 4  # log position of the next event
    TAIL = 5  # oldest position that a window may still need
    LOG_TIMES = 6
    ROLES = 7
    ROLE_COUNT = 8
    CLASSES = 9
    CLASS_COUNT = 10
    OPS = 11
    OP_COUNT = 12
    PAIRS = 13
    PAIR_COUNT = 14
    INPUTS = 15
    INPUT_COUNT = 16
    ARGUMENTS = 17
    ARGUMENT_COUNT = 18
    DERIVES = 19
    DERIVE_COUNT = 20
    COLUMNS = 21  # address of each column of the current block
    NULLS = 22  # null word of each column
    RAWS = 23
    PREPARE = 24  # program whose words are the conditions; 0 = none
    LISTED = 25  # a byte per event: MARK of each role whose key is on a list
    NOW = 26
    FULL = 27  # set when a table met its limit
    REACH = 28  # ms that the log reaches back
    GIVEN = 29  # columns whose ops write the null word
    GIVEN_COUNT = 30
    IDS = 31  # input: event ids
    ID_TABLE = 32  # pair table from id to log position; 0 = no labels wanted
    ANY_LISTED = 33
    CARE = 34  # what wants looking after between calls: bit 0 the log, bit n + 1 table n, the last bit all further ones
    RELEASED = 35  # log positions below this have been given back
    GONE = 36  # scratch: per event, the time at which others are out of its window
    RUN = 37  # log positions whose pages are recycled together
    PROGRAMS = 38  # addresses of the rule programs
    PROGRAM_COUNT = 39
    KEPT = 40  # (column, long values, long nulls) triples: features to be kept for the caller
    KEPT_COUNT = 41
    READY = 42  # log positions below this are in memory
    NEXT_END = 43  # window time at which the next list entry ends; events from then on wait
    HALT = 44  # why not all rows were taken, of `Halt`
    MET = 45  # a party in each of 64 places by its upper bits: those met lately
    STRANGERS = 46  # set when an event's party is not among them
    TABLES = 47  # addresses of the words of all tables
    TABLE_COUNT = 48
    LISTED_ROLES = 49  # see `liandun.engine.hits`
    LISTED_ROLE_COUNT = 50
    HITS = 51  # output: hits of the rows run last
    HIT_ROOM = 52
    HIT_COUNT = 53  # may be more than there is room for
    SIZE = 54


class Halt(IntEnum):
    """Why the kernel did not take all rows."""

    NOT = 0
    ENTRY_ENDS = 1
    OUT_OF_ORDER = 2


class TableWord(IntEnum):
    """A growing table of open addressing; begins the words of what it belongs to."""

    CELLS = 0
    CAPACITY = 1
    OLD_CELLS = 2  # the table being emptied
    OLD = 3  # its capacity, 0 = none
    SWEPT = 4
    USED = 5
    DIRTY = 6  # address from which on cells of an emptied table are to be cleared
    CLEAN = 7  # address up to which they are
    SIZE = 8


class RoleWord(IntEnum):
    """One key role: a table of row ids by key, and the rows."""

    KEYS = 8  # input column
    SALTED = 9
    ROWS = 10
    STRIDE = 11
    NEXT = 12  # first row id never used; row 0 is the bin for missing keys
    FREE = 13
    FREE_COUNT = 14
    RETAIN = 15  # ms after which an untouched row is void
    LOG = 16  # row id of each logged event
    SCRATCH = 17  # of the block: keys, then row addresses, each 64 words
    VALID = 18  # word: which events have the key
    LISTS = 19  # address of the kind's list index, 0 = none
    FLAGGED = 20  # word: which events' rows have list flags
    LIMIT = 21
    QUEUES = 22  # row offsets of queues, to be emptied in a row that slept
    QUEUE_COUNT = 23
    ALIVE_ROWS = 24
    OWNED = 25  # address of the index of entries that hold at one party only, 0 = none
    FLAGS = 26  # list flags of each event of the block, u32
    FLIP = 27  # bits turned over before a cell is taken as a key, so that a missing cell becomes 0
    FIXED = 28  # the one key of a role that all events share, 0 = none
    MARK = 29  # bit of LISTED that says that the key may be on a list, 0 = the role asks for none
    SIZE = 30


class ListWord(IntEnum):
    """Index of the entries of one kind's lists, by key."""

    CELLS = 0  # (key, list flags << 32 | link to the key's newest entry), open addressing
    CAPACITY = 1
    FILTER = 2  # a byte a cell: most keys are on no list, and that is seen here
    ENTRIES = 3  # of EntryWord
    COUNT = 4  # entries ever used
    KEYS = 5  # cells in use
    FREE = 6  # link to the entry to be used next, 0 = none
    SIZE = 7


class EntryWord(IntEnum):
    """One list entry; a link is its number + 1."""

    LINK = 0  # the list's flag << 32 | link to the key's next older entry
    OWNER = 1
    NUMBER = 2
    EXPIRES = 3
    SIZE = 4


class ClassWord(IntEnum):
    """One window class: all features with the same window, delay and grid."""

    OUT = 0  # an event leaves when t_j <= t - OUT
    ENTER = 1  # and enters when t_j <= t - ENTER; 0 = at once
    GRID = 2
    OUT_CURSOR = 3
    ENTER_CURSOR = 4
    ORDER = 5  # schedule: u16 numbers into the arrays below
    LIMITS = 6  # schedule: u32, where a pair's other event must lie to count
    COUNT = 7
    DONE = 8  # events scheduled so far
    BEGUN = 9  # first event of this schedule
    POSITIONS = 10  # by number: log position, u32
    SIGNS = 11  # by number: +1 enters, -1 leaves, 0 is only read; i64
    CURSORS = 12  # u32 per event: the cursor when it is read
    FIRST_GROUP = 13
    LAST_GROUP = 14
    GROUPS = 15
    FIRST_OP = 16
    LAST_OP = 17
    OPS = 18
    LEAVING = 19  # how many leave in this schedule
    ENTERING = 20
    STEP = 21  # delayed only: the event whose targets are known
    ENTER_TARGET = 22
    OUT_TARGET = 23
    PRIOR = 24  # the entering cursor before the step
    FIRST_COPY = 25
    LAST_COPY = 26
    COPIES = 27
    SIZE = 28


class CopyWord(IntEnum):
    """For one class and pair table: where each pair was before, and comes next, by schedule number."""

    PAIR = 0
    SEEN = 1  # u32
    SIZE = 2


class GroupWord(IntEnum):
    """The rows that one class touches at one role."""

    ROLE = 0
    ADDRESSES = 1
    SIZE = 2


class OpWord(IntEnum):
    """One accumulator."""

    KIND = 0
    ROLE = 1
    ADDRESSES = 2
    OFFSET = 3
    OFFSET2 = 4
    OUT = 5
    OUT2 = 6
    ARGUMENT = 7
    CONDITION = 8
    BEFORE = 9
    PREVIOUS = 10  # distinct: by schedule number, where the pair's other event is
    NEXT = 11  # queues: records of (value, previous, next); last: the log's times
    SIGN = 12
    NULL = 13  # column whose null word the op writes
    WINDOW = 14  # ms, for ops without a class
    SIZE = 15


class OpKind(IntEnum):
    """What an op keeps in a row."""

    COUNT = 0
    COUNT_WHERE = 1
    SUM = 2
    COUNT_SUM = 3
    SQUARES = 5
    DISTINCT = 6
    EXTREME = 7
    FIRST = 8
    LAST = 9
    SINCE = 10
    TOUCH = 11


class PairWord(IntEnum):
    """Which members were seen with which key: cell = (row id << 32 | member row id, last position)."""

    ROLE = 8
    MEMBER = 9
    CONDITION = 10
    PREVIOUS = 11  # u32 per logged event or per event of the block
    LOGGED = 12  # 1: PREVIOUS is by log position, 0: by event of the block
    NEXT = 13
    HORIZON = 14  # positions below this are void
    SCRATCH = 15
    CLASSES = 16  # addresses of the classes that count these pairs
    CLASS_COUNT = 17
    SIZE = 18


class InputWord(IntEnum):
    """A field of the event as a column."""

    BASE = 0
    COLUMN = 1
    NULLABLE = 2  # 0 never null, 1 whole number, 2 float, 3 key
    COPY = 3  # 64 cells for a short block
    SIZE = 4


class ArgumentWord(IntEnum):
    """A value or a condition kept in the log for the time when the event leaves the window."""

    KIND = 0
    COLUMN = 1
    LOG = 2
    WHERE = 3  # address of a true word: elsewhere a value counts as 0; 0 = everywhere
    SIZE = 4


class ArgumentKind(IntEnum):
    """What is kept."""

    VALUE = 0  # a column; missing counts as 0
    CONDITION = 1  # a byte: 1 where the true word at address COLUMN has the event's bit
    LABEL = 2  # a byte that starts at 0 and waits for a label


class DeriveKind(IntEnum):
    """How a column is made of raw outputs."""

    WHOLE = 0
    MEAN = 1
    VARIANCE = 2
    DEVIATION = 3


class DeriveWord(IntEnum):
    """One feature column."""

    KIND = 0
    COLUMN = 1
    ROLE = 2
    COUNT = 3
    SUM = 4
    SQUARES = 5
    SIZE = 6
