"""Loads a pack from its folder: every file read, every mistake collected, a checked `Pack` or none."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liandun.packs.check import check_whole
from liandun.packs.errors import PackError, Problem, Problems, nearest
from liandun.packs.files import LARGEST_MODEL, PARTS, SUFFIXES, is_known, pack_files, pack_hash
from liandun.packs.model import Feature, Outcome, Pack, Place
from liandun.packs.nodes import Mapping, Node, read_nodes, texts
from liandun.packs.parts.computed import derived_draft, model_drafts, order_computed
from liandun.packs.parts.features import Entry, feature_entry, read_feature
from liandun.packs.parts.lists import check_silences, read_lists
from liandun.packs.parts.namespace import Namespace
from liandun.packs.parts.rules import read_policies, read_rules, rule_ids
from liandun.packs.parts.streams import read_streams
from liandun.packs.reader import Reader

DEFAULT_ZONE = "Asia/Shanghai"
NEEDED = ("pack.yaml", "rules.yaml")
MOST_FEATURES = 500
MANY_UNKNOWN = 3
_KEYS = ("pack", "version", "title", "zone", "on_missing", "outcomes", "models", "streams")
_ON_MISSING = (Outcome.REVIEW, Outcome.CHALLENGE, Outcome.HOLD, Outcome.BLOCK)


def load_pack(folder: Path) -> Pack:
    """The pack in `folder`.

    Raises:
        PackError: with every mistake found; warnings alone do not raise.
    """
    pack, problems = check_pack(folder)
    if pack is None:
        raise PackError(problems)
    return pack


def check_pack(folder: Path) -> tuple[Pack | None, tuple[Problem, ...]]:
    """The pack in `folder`, None if it has errors, and all its problems with warnings, in file order."""
    problems = Problems()
    contents = _contents(folder, problems)
    pack = _Loading(folder, contents, problems).load() if "pack.yaml" in contents else None
    return (None if problems.errors else pack), problems.sorted()


def _contents(folder: Path, problems: Problems) -> dict[str, bytes]:
    """The pack's files; notes those that are missing, unknown, too large or not its own."""
    found = pack_files(folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".yaml", ".yml") and not is_known(name):
            problems.add("unknown_file", Place(name, 1), advice=nearest(name, (*PARTS, "sources/NAME.yaml")))
            found.pop(name, None)
        elif path.suffix in SUFFIXES and path.is_file() and name not in found:
            problems.add("file_outside", Place(name, 1))
        elif path.suffix == ".npz" and len(found.get(name, b"")) > LARGEST_MODEL:
            problems.add("file_large", Place(name, 1), limit=LARGEST_MODEL)
    for name in NEEDED:
        if name not in found:
            problems.add("file_missing", Place(name, 1), file=name)
    return found


class _Loading:
    """The loading of one pack."""

    def __init__(self, folder: Path, contents: dict[str, bytes], problems: Problems) -> None:
        self._folder, self._contents, self._problems = folder, contents, problems
        self._reader = Reader(problems)
        self._nodes: dict[str, Node | None] = {}
        self._unreadable = False
        for name in (each for each in contents if each.endswith(".yaml")):
            before = problems.errors
            self._nodes[name] = read_nodes(contents[name], name, problems)
            self._unreadable |= self._nodes[name] is None and problems.errors > before
            if self._nodes[name] is None and problems.errors == before and name in NEEDED:
                problems.add("file_empty", Place(name, 1), file=name)

    def load(self) -> Pack | None:
        reader, header = self._reader, self._reader.mapping(self._nodes["pack.yaml"], "pack.yaml")
        if header is None or self._unreadable:  # what the rest of the pack names might stand in the unread file
            return None
        reader.keys(header, _KEYS, ("pack", "version", "title", "streams"))
        names = Namespace(self._zone(header), self._problems)
        read_streams(header.entries.get("streams"), reader, names)
        if not names.streams:
            return None
        if not any(stream.decides for stream in names.streams.values()):
            self._problems.add("nothing_decides", header.places["streams"])
        read_lists(self._nodes.get("lists.yaml"), reader, names)
        pack = self._pack(header, names)
        self._gather_unknown()
        cases = self._nodes.get("cases.yaml")
        check_whole(pack, frozenset(texts(cases)), self._problems)
        return pack

    def _gather_unknown(self) -> None:
        """Without features most names in the rules are unknown: say that once."""
        if self._nodes.get("features.yaml") is None and self._problems.count("unknown_name") >= MANY_UNKNOWN:
            count = self._problems.withdraw("unknown_name")
            self._problems.add("features_absent", Place("features.yaml", 1), count=count)

    def _pack(self, header: Mapping, names: Namespace) -> Pack:
        reader = self._reader
        drafts = model_drafts(header.entries.get("models"), reader, names, self._folder)
        entries = self._feature_entries(names)
        features = self._features([entry for entry in entries if entry.kind != "value"], names)
        values = (derived_draft(entry, reader) for entry in entries if entry.kind == "value")
        drafts += [draft for draft in values if draft is not None]
        computed = order_computed(drafts, features, reader, names)
        rules = read_rules(self._nodes.get("rules.yaml"), reader, names, computed.refs)
        lists = self._nodes.get("lists.yaml")
        if self._nodes.get("rules.yaml") is not None:  # else every rule that a list names would be unknown
            check_silences(names, rule_ids(self._nodes.get("rules.yaml")), reader, lists)
        return Pack(
            name=reader.identifier(header, "pack") or "",
            version=self._version(header),
            title=reader.both(header, "title"),
            zone=names.zone,
            streams=tuple(names.streams.values()),
            features=tuple(features.values()),
            derived=computed.derived,
            models=computed.models,
            lists=tuple(names.lists.values()),
            rules=rules,
            policies=read_policies(header.entries.get("outcomes"), reader, names, computed.refs),
            on_missing=reader.choice(header, "on_missing", _ON_MISSING) or Outcome.REVIEW,
            hash=pack_hash(self._contents),
            folder=self._folder,
        )

    def _zone(self, header: Mapping) -> str:
        zone = self._reader.text(header, "zone") or DEFAULT_ZONE
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._problems.add("unknown_zone", header.places["zone"], name=zone)
            return DEFAULT_ZONE
        return zone

    def _version(self, header: Mapping) -> int:
        version = self._reader.whole(header, "version")
        if version is not None and version < 1:
            self._problems.add("bad_version", header.places["version"], value=version)
        return version or 0

    def _feature_entries(self, names: Namespace) -> list[Entry]:
        reader, node = self._reader, self._reader.mapping(self._nodes.get("features.yaml"), "features.yaml")
        if node is None:
            return []
        if len(node.entries) > MOST_FEATURES:
            self._problems.add("too_many", node.place, what="features.yaml", limit=MOST_FEATURES)
            return []
        found = []
        for name, each in node.entries.items():
            body = reader.mapping(each, name)
            if reader.name(name, node.places[name]) is None or not names.claim(name, node.places[name]):
                continue
            entry = None if body is None else feature_entry(name, body, reader)
            if entry is not None:
                found.append(entry)
        return found

    def _features(self, entries: list[Entry], names: Namespace) -> dict[str, Feature]:
        read = (read_feature(entry, self._reader, names) for entry in entries)
        return {feature.name: feature for feature in read if feature is not None}
