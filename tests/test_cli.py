import os
import subprocess
import sys

import pytest

from liandun import __version__
from liandun.cli import arguments, build_parser, label, main, walk


def commands():
    return {command.prog.removeprefix("liandun "): command for _, command in walk(build_parser())}


def test_the_promised_commands_are_there():
    promised = (
        "replay, backtest, serve, decide, demo, warm, commands, bench w1, bench http, bench journal, "
        "pack check, pack test, pack show, pack diff, journal verify, journal export, key add, key list, key revoke"
    )
    assert [name for name in promised.split(", ") if name not in commands()] == []


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("replay", "--pack --events --limit --out --features --json"),
        ("backtest", "--pack --events --label --label-delay --budget --backend --json"),
        ("serve", "--data --port"),
        ("decide", "--url"),
        ("bench http", "--json"),
    ],
)
def test_a_command_has_its_promised_options(command, options):
    known = {option for action in arguments(commands()[command]) for option in action.option_strings}
    assert [option for option in options.split() if option not in known] == []


def test_arguments_are_shown_as_they_are_typed():
    shown = [label(action) for action in arguments(commands()["replay"])]
    assert "--json" in shown
    assert any(text.startswith("--events FILE") for text in shown)


def test_no_command_at_all_is_called_wrongly(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_the_version_is_the_package_s(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"liandun {__version__}\n"


def test_a_reader_that_goes_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "liandun", "commands"], stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_asking_for_help_loads_no_compiler():
    loaded = "import sys; from liandun.cli import build_parser; build_parser(); print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
