import json
from time import sleep, time

from liandun.cli import main
from liandun.gateway.keys import KeyFile
from tests.gateway.desk import payment, small_pack


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


def test_a_pack_is_activated_in_a_folder(tmp_path):
    small_pack(tmp_path / "pack")
    assert main(["activate", str(tmp_path / "pack"), "--data", str(tmp_path / "data")]) == 0
    assert "small" in (tmp_path / "data" / "active.json").read_text()
    assert main(["activate", "nosuch", "--data", str(tmp_path / "data")]) == 1
