"""A flow as small as one can be that uses every part, and what the checker says of it after a change."""

from liandun.casework.flow_check import check_flow
from liandun.casework.flow_file import read_flow, read_office
from liandun.casework.flow_messages import FLOW_MESSAGES
from liandun.casework.flow_names import VOCABULARY
from liandun.casework.flow_pack import checked
from liandun.casework.flow_tighten import tightened
from liandun.packs.errors import Problems

OFFICE = """
transitions:
  - verb: remind
    title: {zh: 催办, en: Remind}
    roles: [reporter]
    effects: [count_reminder]
"""

SMALL = """
flow: complaint
version: 1
title: {zh: 投诉, en: Complaint}
clocks:
  answer:
    title: {zh: 答复, en: Answer}
    limit: 15d
    by_level: {high: 7d}
    basis: statutory
    source: {zh: 办法, en: Measures}
    since: 2016-07-30
    standing: in_force
  look:
    title: {zh: 调查, en: Look}
    limit: 7wd
    warn: [50, 80]
    basis: internal
    pauses:
      waiting: {zh: 等待, en: Waiting}
    source: {zh: 默认, en: Default}
    since: 2026-01-01
    standing: own
fields:
  words: {type: text, title: {zh: 内容, en: Words}}
  amount: {type: number, title: {zh: 金额, en: Amount}}
states:
  open:
    title: {zh: 已登记, en: Open}
    owner: intake
    clocks: [answer]
  looking:
    title: {zh: 调查中, en: Looking}
    owner: operator
    clocks: [answer, look]
  waiting:
    title: {zh: 等待中, en: Waiting}
    owner: operator
    clocks: [answer, look]
  closed:
    title: {zh: 已办结, en: Closed}
    final: true
    reasons:
      settled: {zh: 已解决, en: Settled}
      refused: {zh: 未接受, en: Refused}
opening:
  verb: file
  title: {zh: 登记, en: File}
  to: open
  roles: [reporter]
  needs: [words]
  start: [answer]
transitions:
  - verb: look
    title: {zh: 调查, en: Look}
    from: open
    to: looking
    roles: [operator]
    start: [look]
    effects: [assign]
    undo: 10m
  - verb: wait
    title: {zh: 等待, en: Wait}
    from: looking
    to: waiting
    roles: [operator]
    pause: {look: waiting}
  - verb: go_on
    title: {zh: 继续, en: Go on}
    from: waiting
    to: looking
    roles: [operator, reporter]
    resume: [look]
  - verb: close
    title: {zh: 办结, en: Close}
    from: looking
    to: closed
    roles: [operator, lead]
    guards: [second_person, tasks_done]
    needs: [words, amount]
    meet: [answer, look]
    effects: [send_answer]
    notify: [answered]
    reasons: [settled, refused]
journeys:
  - [file, look, wait, go_on, close]
"""


def changed(*changes, text=SMALL):
    """`text` with each (old, new) replaced once; `old` must stand there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def read(text=SMALL):
    """The flow of a text, whatever is wrong with it, and what reading it noted."""
    problems = Problems(FLOW_MESSAGES)
    office = read_office(OFFICE.encode(), "office.yaml", problems)
    return read_flow(text.encode(), "flows/complaint.yaml", problems, office), problems


def small(text=SMALL):
    """The flow of a text that is right."""
    problems = Problems(FLOW_MESSAGES)
    office = read_office(OFFICE.encode(), "office.yaml", problems)
    flow = checked(text.encode(), "flows/complaint.yaml", office, problems)
    assert [str(problem) for problem in problems.sorted()] == []
    return flow


def found(text):
    """What is wrong with a text: (code, line)."""
    problems = Problems(FLOW_MESSAGES)
    office = read_office(OFFICE.encode(), "office.yaml", problems)
    checked(text.encode(), "flows/complaint.yaml", office, problems)
    return said(problems)


def wrong(flow):
    """The codes of what is wrong with a flow."""
    problems = Problems(FLOW_MESSAGES)
    check_flow(flow, VOCABULARY, problems)
    return {problem.code for problem in problems.sorted()}


def looser(*changes):
    """What is looser in the small flow after changes: (code, line)."""
    own = small(changed(("version: 1", "version: 2"), *changes))
    problems = Problems(FLOW_MESSAGES)
    tightened(small(), own, VOCABULARY, problems)
    return said(problems)


def said(problems):
    return [(problem.code, problem.place.line) for problem in problems.sorted()]


def line_of(words, text=SMALL):
    """The line on which `words` first stand."""
    return text[: text.index(words)].count("\n") + 1
