import json

from liandun.gateway.images import fork_images, write_images
from tests.gateway.desk import payment


def seqs(desk):
    return [json.loads(note.read_text())["seq"] for note in sorted(desk.folder.images.glob("*.json"))]


def test_an_image_is_written_by_a_child_while_events_go_on(desk):
    desk.ask(payment("p1"))
    seq = desk.decider.journal.head.seq
    wait = fork_images(desk.folder, desk.decider)
    desk.ask(payment("p2"))
    assert wait()
    assert seqs(desk) == [seq]
    desk.decider.journal.close()
    assert desk.open().events == 1


def test_only_the_newest_two_images_are_kept(desk):
    for number in range(3):
        desk.ask(payment(f"p{number}"))
        write_images(desk.folder, desk.decider)
    assert len(seqs(desk)) == 2
    assert len(list(desk.folder.images.iterdir())) == 4


def test_neither_journal_nor_image_holds_a_card_or_device_in_clear(desk):
    """Who steals the folder gets keyed hashes; the secret lies elsewhere. A refused row leaves nothing either."""
    card, device = "6222020098765432", "phone-of-wang"
    desk.ask(payment("p1", card=card, device=device), payment("p2", card=card, device=device, amount_minor="much"))
    write_images(desk.folder, desk.decider)
    desk.decider.journal.close()
    files = [path for path in desk.folder.path.rglob("*") if path.is_file()]
    assert len(files) >= 3
    for text in (card, device):
        spellings = [text.encode(code) for code in ("utf-8", "utf-16-le", "utf-32-le")]
        spellings += [int(text).to_bytes(8, "little")] if text.isdigit() else []
        assert [path.name for path in files if any(each in path.read_bytes() for each in spellings)] == []
