"""The codebook: every table, column, value and rule, as Markdown and as one page for a browser.

Everything in it is read from the descriptor, the schemas, the rules and the declaration of the
derived tables; nothing is written here a second time.
"""

from .page import html
from .text import markdown

__all__ = ("html", "markdown")
