"""Sphinx settings: one site with both languages, built without network."""

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

project = "Liandun 联盾"
author = "Liandun contributors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Liandun 联盾"
html_show_copyright = False
myst_heading_anchors = 3

lexers["mermaid"] = TextLexer()  # state diagrams are shown as text here, and drawn where the reader can
