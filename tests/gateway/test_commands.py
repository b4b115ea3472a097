import json
from time import sleep, time

import pytest

from liandun.cli import main
from liandun.gateway.client import Connection
from liandun.gateway.keys import KeyFile
from tests.gateway.desk import FILES, payment, small_pack


def test_keys_are_added_listed_and_revoked(tmp_path, capsys):
    data = ["--data", str(tmp_path)]
    assert main(["key", "add", "--source", "shop", "--rate", "100", "--right", "decide", "--json", *data]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["key"].startswith(f"ld_{made['prefix']}_")
    assert main(["key", "list", *data]) == 0
    assert "rate 100/s" in capsys.readouterr().out
    assert main(["key", "revoke", made["prefix"], *data]) == 0
    assert KeyFile(tmp_path).read() == ()
    assert main(["key", "revoke", made["prefix"], *data]) == 1


def test_a_key_for_what_the_pack_lacks_is_refused(gateway, tmp_path, capsys):
    add = ["key", "add", "--source", "picky", "--data"]
    assert main([*add, str(gateway.data), "--stream", "nosuch"]) == 1
    assert "it has payment, login" in capsys.readouterr().err
    assert main([*add, str(gateway.data), "--mapping", "nosuch"]) == 1
    assert "nosuch" in capsys.readouterr().err
    assert main([*add, str(gateway.data), "--stream", "payment", "--stream", "login"]) == 0
    assert main([*add, str(tmp_path), "--stream", "nosuch"]) == 0
    assert "not checked" in capsys.readouterr().err


def test_the_list_holds_what_a_key_may(tmp_path, capsys):
    data = ["--data", str(tmp_path)]
    wanted = [
        "--rate",
        "5",
        "--state-budget",
        "7",
        "--days",
        "1",
        "--fail-mode",
        "hold",
        "--stream",
        "s",
        "--mapping",
        "m",
    ]
    assert main(["key", "add", "--source", "shop", *wanted, *data]) == 0
    assert main(["key", "list", "--json", *data]) == 0
    text, shown = capsys.readouterr().out.splitlines()[-2:]
    assert "on failure the sender should: hold" in text
    [key] = json.loads(shown)["keys"]
    names = ("rate", "state_budget", "fail_mode", "mapping", "streams")
    assert [key[name] for name in names] == [5, 7, "hold", "m", ["s"]]
    assert key["expires"] > key["created"]


def test_a_file_is_decided_and_counted(gateway, tmp_path, capsys):
    token = gateway.add_key("filer")
    sleep(1.1)
    file = tmp_path / "events.ndjson"
    file.write_text("".join(json.dumps(payment(f"f{i}", paid_at=int(time() * 1000))) + "\n" for i in range(5)))
    command = ["decide", str(file), "--url", gateway.url, "--key", token, "--batch", "2", "--json"]
    assert main([*command, "--out", str(tmp_path / "out.ndjson")]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["events"], result["failed"]) == (5, 0)
    assert len((tmp_path / "out.ndjson").read_text().splitlines()) == 5


def test_a_pack_is_activated_in_a_folder_on_which_a_gateway_ran(tmp_path, capsys):
    small_pack(tmp_path / "pack")
    call = ["activate", str(tmp_path / "pack"), "--data", str(tmp_path / "data"), "--wait", "0"]
    assert main(call) == 1
    assert not (tmp_path / "data").exists()
    (tmp_path / "data" / "journal").mkdir(parents=True)
    assert main(call) == 0
    assert "no gateway has answered yet" in capsys.readouterr().out
    assert "small" in (tmp_path / "data" / "active.json").read_text()
    assert main(["activate", "nosuch", *call[2:]]) == 1


def test_activating_says_what_became_of_it(gateway, tmp_path, capsys):
    small_pack(tmp_path / "same")
    other = FILES["pack.yaml"].replace("payment:", "sale:")
    small_pack(tmp_path / "odd", pack=other, features="{}\n", rules="[]\n")
    connection = Connection(gateway.url, gateway.add_key("activator"))
    sleep(1.1)
    assert connection.post("/v1/decide", json.dumps(payment("a1", paid_at=int(time() * 1000))).encode())[0] == 200
    call = ["--data", str(gateway.data), "--wait", "30"]
    assert main(["activate", str(tmp_path / "odd"), *call]) == 1
    assert "stays out" in capsys.readouterr().err
    assert main(["activate", str(tmp_path / "same"), *call]) == 0
    assert "decides from now on" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        ["serve", "--port", "99999"],
        ["decide", "f.ndjson", "--url", "h", "--batch", "0"],
        ["decide", "f.ndjson", "--url", "h", "--batch", "-1"],
        ["decide", "f.ndjson", "--url", "h", "--limit", "-1"],
        ["key", "add", "--source", "shop", "--days", "0"],
    ],
)
def test_a_number_out_of_range_is_a_wrong_call(command, capsys):
    with pytest.raises(SystemExit, check=lambda stop: stop.code == 2):
        main(command)
    assert "give a whole number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"file": "nosuch.ndjson"}, "No such file"),
        ({"url": "http://127.0.0.1:port"}, "http://HOST:PORT"),
        ({"url": "http://[::1"}, "http://HOST:PORT"),
        ({"url": "127.0.0.1:9"}, "Connection refused"),
        ({"url": "http://a..b:9"}, "no answer from a..b:9"),
        ({"key": ""}, "LIANDUN_API_KEY"),
        ({"key": "schlüssel"}, "no key has"),
        ({"out": "nosuch/out"}, "nosuch/out: No such file"),
    ],
)
def test_what_keeps_a_file_from_being_sent_is_said_in_a_line(tmp_path, capsys, monkeypatch, changed, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.ndjson").write_text("{}\n")
    call = {"file": "a.ndjson", "url": "http://127.0.0.1:9", "key": "ld_x", "out": "out"} | changed
    monkeypatch.setenv("LIANDUN_API_KEY", call["key"])
    assert main(["decide", call["file"], "--url", call["url"], "--out", call["out"]]) == 1
    assert said in capsys.readouterr().err


def test_the_first_problems_of_each_kind_are_shown_and_the_key_may_come_from_the_environment(
    gateway, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("LIANDUN_API_KEY", gateway.add_key("wrong"))
    sleep(1.1)
    file = tmp_path / "events.ndjson"
    file.write_text('{"stream": "payment", "id": "w"}\n' * 9)
    assert main(["decide", str(file), "--url", gateway.url, "--json", "--batch", "4"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert "9  field" in shown[0]
    assert ["event 1 (w): " in line and "missing" in line for line in shown[1:3]] == [True, False]
    assert [len(each) for each in json.loads(shown[-1])["examples"].values()] == [3]
