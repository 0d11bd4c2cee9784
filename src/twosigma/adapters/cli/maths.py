r"""Mathematics in LaTeX as a terminal can show it: `\(\frac{x}{2}\)` becomes x/2."""

import re

_MATHS = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)
_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
_FRACTION = re.compile(rf"\\d?frac\s*{_GROUP}\s*{_GROUP}")
_ROOT = re.compile(rf"\\sqrt\s*(?:\[([^\]]*)\])?\s*{_GROUP}")
_POWER = re.compile(rf"\^(?:{_GROUP}|(\\[A-Za-z]+|\S))")
_INDEX = re.compile(rf"_(?:{_GROUP}|(\\[A-Za-z]+|\S))")
_WORDS = re.compile(rf"\\(?:text|mathrm|mathbf|operatorname|mathit)\s*{_GROUP}")
_SIMPLE = re.compile(r"\\?\w*|\d+\.\d+|\([^()]*\)")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*|\\([^A-Za-z])")
_UP = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_DOWN = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SIGNS = {
    "cdot": "·", "times": "×", "div": "÷", "pm": "±", "mp": "∓", "le": " ≤ ", "leq": " ≤ ",
    "ge": " ≥ ", "geq": " ≥ ", "ne": " ≠ ", "neq": " ≠ ", "approx": " ≈ ", "infty": "∞",
    "pi": "π", "theta": "θ", "alpha": "α", "beta": "β", "Delta": "Δ", "degree": "°",
    "circ": "°", "to": " → ", "rightarrow": " → ", "Rightarrow": " ⇒ ", "ldots": "…",
    "cdots": "…", "dots": "…", "left": "", "right": "", "quad": "  ", "lt": " < ", "gt": " > ",
    "displaystyle": "", "overline": "", "angle": "∠", "in": " ∈ ", "cup": " ∪ ", "cap": " ∩ ",
}  # fmt: skip
_MARKS = {",": " ", ";": " ", ":": " ", "!": "", " ": " ", "\\": "\n", "%": "%", "$": "$",
          "{": "{", "}": "}", "_": "_", "#": "#", "&": "&"}  # fmt: skip
_MARKDOWN = re.compile(r"([*_`\[\]<>])")


def readable(markdown: str) -> str:
    """The text with its mathematics as plain characters; all else stays as it is."""
    return _MATHS.sub(lambda found: _MARKDOWN.sub(r"\\\1", _plain(_inner(found))), markdown)


def readable_line(text: str) -> str:
    """As `readable`, for a text that no Markdown is read from."""
    return _MATHS.sub(lambda found: _plain(_inner(found)), text)


def _inner(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group is not None)


def _plain(latex: str) -> str:
    before = ""
    text = _WORDS.sub(r"\1", latex)
    while before != text:  # from the innermost out
        before = text
        text = _FRACTION.sub(_fraction, text)
        text = _ROOT.sub(_root, text)
    text = _POWER.sub(lambda found: _moved(found, "^", _UP), text)
    text = _INDEX.sub(lambda found: _moved(found, "_", _DOWN), text)
    text = _COMMAND.sub(_command, text)
    return " ".join(text.replace("{", "").replace("}", "").split())


def _fraction(found: re.Match[str]) -> str:
    return f"{_bracketed(found[1])}/{_bracketed(found[2])}"


def _root(found: re.Match[str]) -> str:
    sign = {None: "√", "3": "∛", "4": "∜"}.get(found[1], f"{found[1]}√")
    return sign + _bracketed(found[2])


def _bracketed(text: str) -> str:
    return text if _SIMPLE.fullmatch(text.strip()) else f"({text})"


def _moved(found: re.Match[str], sign: str, table: dict[int, int]) -> str:
    text = (found[1] if found[1] is not None else found[2]).strip()
    if text in {"\\circ", "\\degree"}:
        return "°"
    if text and all(ord(char) in table for char in text):
        return text.translate(table)
    return sign + _bracketed(text)


def _command(found: re.Match[str]) -> str:
    if found[1] is not None:
        return _SIGNS.get(found[1], f" {found[1]} ")
    return _MARKS.get(found[2], found[2])
