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
