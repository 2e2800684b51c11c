"""The site that `make docs` builds."""

import os
import re

from bffr.version import REPOSITORY as HOME
from bffr.version import __version__

project = 'bffr'
release = __version__
extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'sphinxarg.ext']
html_theme = 'furo'
html_title = f'BFFR {release}'
html_show_copyright = False
html_static_path = ['_static']
html_css_files = ['run.css']
default_role = 'code'
smartquotes = False  # they make dashes of --options
myst_heading_anchors = 3
autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
autodoc_typehints_description_target = 'documented'

REPOSITORY = f'https://github.com/{os.environ.get("GITHUB_REPOSITORY", HOME)}'


def link_to_repository(app, page, source):
    """Let links that leave docs/ lead to the repository."""
    source[0] = re.sub(r'(]\()\.\./', rf'\1{REPOSITORY}/blob/main/', source[0])


def setup(app):
    """Connect the above."""
    app.connect('source-read', link_to_repository)
