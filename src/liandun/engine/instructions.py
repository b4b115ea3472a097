"""What a rule program is made of: its words in memory, its instructions, its tree models."""

from __future__ import annotations

from enum import IntEnum


class ProgramWord(IntEnum):
    """A rule program and where its answers go."""

    CODE = 0
    LENGTH = 1
    TRUES = 2
    FALSES = 3
    RULES_TRUE = 4  # by rule: word of events that fired
    RULES_UNKNOWN = 5
    RULE_WORDS = 6  # rules / 64, rounded up
    OUTCOMES = 7  # outputs
    SCORES = 8
    FIRED = 9  # (rule words, capacity) u64
    UNKNOWN = 10
    CAPACITY = 11
    SCORE = 12  # 64 scores of the block
    RULES = 13
    RULE_LIST = 14  # (condition, where it applies) words
    OPERANDS = 15  # words that ANY reads
    BOUNCE = 16  # 64 words
    SIZE = 17


class Code(IntEnum):
    """Instructions: (code, target, left, right, third, constant). In a comparison, third = 1 turns it over."""

    LESS_CONSTANT = 0
    MORE_CONSTANT = 1
    SAME_CONSTANT = 2
    LESS_FLOAT_CONSTANT = 3
    MORE_FLOAT_CONSTANT = 4
    SAME_FLOAT_CONSTANT = 5
    LESS = 6
    SAME = 7
    LESS_FLOAT = 8
    SAME_FLOAT = 9
    IS_NULL = 10
    IS_SET = 11
    ON_LIST = 12
    ON_STREAM = 13
    AND = 15
    OR = 16
    NOT = 17
    IS_UNKNOWN = 18
    CHOOSE_WORD = 19
    SAME_WORD = 20
    FIRST_WORD = 21
    CONSTANT_WORD = 22
    AND_NOT_TRUE = 23
    ANY = 24
    CLEAR = 25
    AS_NUMBER = 26
    ADD = 30
    SUBTRACT = 31
    MULTIPLY = 32
    MODULO = 33
    NEGATE = 34
    MAGNITUDE = 35
    LEAST = 36
    GREATEST = 37
    ADD_FLOAT = 40
    SUBTRACT_FLOAT = 41
    MULTIPLY_FLOAT = 42
    DIVIDE_FLOAT = 43
    NEGATE_FLOAT = 44
    MAGNITUDE_FLOAT = 45
    LEAST_FLOAT = 46
    GREATEST_FLOAT = 47
    TO_FLOAT = 50
    TO_FLOOR = 51
    HOUR = 52
    WEEKDAY = 53
    DAY = 54
    CHOOSE = 60
    FIRST_KNOWN = 61
    FOREST = 70
    SKIP = 79  # over RIGHT instructions when word LEFT is nowhere true
    ADD_SCORE = 81
    OUTCOME = 82


class ModelWord(IntEnum):
    """A tree model."""

    NODES = 0
    LEAVES = 1
    ROOTS = 2  # per tree: root node (or ~0 for a lone leaf), first leaf
    TREES = 3
    INPUTS = 4  # scratch (inputs, 64) f64
    INPUT_COUNT = 5
    COLUMNS = 6  # column of each input
    STEEPNESS = 7  # of the sigmoid, f64; 0 = none
    SIZE = 8
