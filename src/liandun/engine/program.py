"""Links rule programs: gives each its columns and words, and turns indexes into the addresses that kernels read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from liandun.engine.instructions import Code, ModelWord, ProgramWord
from liandun.engine.layout import BLOCK
from liandun.engine.plan import Program, Trees
from liandun.engine.state import State, address

LINE_WORDS = 6


class LinkedProgram:
    """A program in memory, ready to run on one state; dropping it frees all it used."""

    def __init__(self, program: Program, state: State, first_column: int) -> None:
        self.program = program
        self.first_column = first_column
        self._state = state
        self._kept: list[NDArray[np.generic]] = []
        self.words = self._array(np.uint64, ProgramWord.SIZE)
        self.trues = self._array(np.uint64, program.words)
        self.cells = np.zeros((max(program.columns, 1), BLOCK), np.int64)
        self.nulls = np.zeros(max(program.columns, 1), np.uint64)
        self.output_columns = [self._column(column) for _, column, _ in program.outputs]
        zone = np.array(program.zone, np.int64).reshape(-1)
        self._kept.append(zone)
        self._zone = address(zone)
        self._models = [self._link_model(trees, columns) for trees, columns in program.models]
        self.code = np.array([self._line(n) for n in range(len(program.lines))], np.int64).reshape(-1, LINE_WORDS)
        for constant in program.constants:
            own = constant.column - program.first_column
            self.cells[own] = constant.cell
            self.nulls[own] = 2**64 - 1 if constant.null else 0
        self._fill()

    def _array(self, dtype: type[np.generic], count: int) -> NDArray[np.generic]:
        array = np.zeros(max(int(count), 1), dtype)
        self._kept.append(array)
        return array

    def _fill(self) -> None:
        program, words = self.program, self.words
        words[ProgramWord.CODE], words[ProgramWord.LENGTH] = address(self.code), len(self.code)
        words[ProgramWord.TRUES] = address(self.trues)
        words[ProgramWord.FALSES] = address(self._array(np.uint64, program.words))
        rule_words = -(-len(program.rules) // BLOCK)
        rules = self._array(np.uint64, 2 * len(program.rules))
        rules[: 2 * len(program.rules)] = np.array(program.rules, np.uint64).reshape(-1)
        operands = self._array(np.uint64, len(program.operands))
        operands[: len(program.operands)] = program.operands
        words[ProgramWord.RULE_LIST], words[ProgramWord.OPERANDS] = address(rules), address(operands)
        words[ProgramWord.RULES_TRUE] = address(self._array(np.uint64, rule_words * BLOCK))
        words[ProgramWord.RULES_UNKNOWN] = address(self._array(np.uint64, rule_words * BLOCK))
        words[ProgramWord.BOUNCE] = address(self._array(np.uint64, BLOCK))
        words[ProgramWord.RULE_WORDS], words[ProgramWord.RULES] = rule_words, len(program.rules)
        if program.score_column >= 0:
            words[ProgramWord.SCORE] = address(self.cells[program.score_column - program.first_column])

    def _column(self, column: int) -> int:
        own = column - self.program.first_column
        return self.first_column + own if own >= 0 else column

    def _line(self, number: int) -> list[int]:
        line = self.program.lines[number]
        code, target, left, right = line.code, line.target, line.left, line.right
        third, constant = line.third, line.constant
        if code in _READS_LEFT:
            left = self._column(left)
        if code in _READS_RIGHT:
            right = self._column(right)
        if code in _WRITES_COLUMN:
            target = self._column(target)
        if code is Code.ON_LIST:
            left = self._state.role_address(left)
        elif code in (Code.HOUR, Code.WEEKDAY, Code.DAY):
            third, constant = len(self.program.zone), self._zone
        elif code is Code.FOREST:
            left = self._models[left]
        return [int(code), target, left, right, third, constant]

    def _link_model(self, trees: Trees, columns: tuple[int, ...]) -> int:
        words = self._array(np.uint64, ModelWord.SIZE)
        nodes, leaves = np.frombuffer(trees.nodes, np.uint8), np.frombuffer(trees.leaves, np.float64)
        roots = np.frombuffer(trees.roots, np.int64)
        wanted = np.array([self._column(column) for column in columns], np.uint64)
        self._kept += [nodes, leaves, roots, wanted]
        words[ModelWord.NODES], words[ModelWord.LEAVES] = address(nodes), address(leaves)
        words[ModelWord.ROOTS], words[ModelWord.TREES] = address(roots), len(roots) // 2
        words[ModelWord.INPUTS] = address(self._array(np.float64, len(columns) * BLOCK))
        words[ModelWord.INPUT_COUNT], words[ModelWord.COLUMNS] = len(columns), address(wanted)
        words.view(np.float64)[ModelWord.STEEPNESS] = trees.steepness
        return address(words)


_NUMBER_CODES = {code for code in Code if Code.ADD <= code <= Code.FIRST_KNOWN}
_PREDICATES = {code for code in Code if code <= Code.IS_SET}
_READS_LEFT = _NUMBER_CODES | _PREDICATES
_READS_RIGHT = {code for code in _NUMBER_CODES if code < Code.TO_FLOAT} | {
    Code.LESS,
    Code.SAME,
    Code.LESS_FLOAT,
    Code.SAME_FLOAT,
    Code.CHOOSE,
    Code.FIRST_KNOWN,
}
_WRITES_COLUMN = _NUMBER_CODES | {Code.AS_NUMBER, Code.FOREST}
