"""What is asked of every product: fields with or without labels, and a caption."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoplens.catalogue.fields import CORE_FIELDS, attribute_field, fold
from shoplens.catalogue.journal.tags import CATEGORY, DESCRIPTION, Tag, tidy
from shoplens.errors import ConfigError, QueryError

CAPTION = "caption"
UNKNOWN = "unknown"
"""What a model says where the picture does not tell; no label may be called so."""
WORD_CHARS, CAPTION_CHARS = 40, 300
JOINERS = frozenset("\u200c\u200d")
"""Persian, Indian scripts and emoji need these; no other invisible character is let through."""
MOST_FIELDS, MOST_LABELS = 20, 200
_LANGUAGE = re.compile(r"[^\W\d_][\w -]{0,39}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field to fill, with the labels that it may have; without any, a few words."""

    name: str
    labels: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The field of the tag that an accepted answer becomes: a caption is a description."""
        return DESCRIPTION if self.name == CAPTION else self.name

    def schema(self) -> Mapping[str, object]:
        """Write down what is an answer, in the part of JSON schema that every server knows."""
        if self.labels:
            return {"type": "string", "enum": [*self.labels, UNKNOWN]}
        longest = CAPTION_CHARS if self.name == CAPTION else WORD_CHARS
        return {"type": "string", "description": f"at most {longest} characters, or {UNKNOWN}"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that is asked of a product; ``language`` is that of captions and free words."""

    fields: tuple[Field, ...]
    language: str = ""

    def schema(self) -> Mapping[str, object]:
        """Give the JSON schema of an answer."""
        return {
            "type": "object",
            "properties": {field.name: field.schema() for field in self.fields},
            "required": [field.name for field in self.fields],
            "additionalProperties": False,
        }


def read_asked(texts: Sequence[str], *, caption: bool, language: str = "") -> Asked:
    """Read what a person asks for: ``material=cotton,wool``, or ``pattern`` alone.

    Raises:
        ConfigError: nothing is asked, or a field that no tag can fill.
    """
    fields = [_field(text) for text in texts]
    if caption:
        fields.append(Field(CAPTION))
    names = [field.name for field in fields]
    if not fields or len(fields) > MOST_FIELDS or len(set(names)) < len(names):
        raise ConfigError(
            f"ask for 1 to {MOST_FIELDS} different things, such as --field material=cotton,wool "
            f"--caption; asked for {', '.join(names) or 'nothing'}"
        )
    if language and not _LANGUAGE.fullmatch(language):
        raise ConfigError(f"--language wants a name such as German or de, not {language[:80]!r}")
    return Asked(tuple(fields), language)


def _field(text: str) -> Field:
    name, sign, told = text.partition("=")
    folded = fold(name)
    field = folded if folded in CORE_FIELDS else attribute_field(folded)
    labels = tuple(dict.fromkeys(label.strip() for label in told.split(",") if label.strip()))
    if not folded or (sign and not labels) or len(labels) > MOST_LABELS:
        raise ConfigError(
            f"--field wants NAME, or NAME=A,B,C with at most {MOST_LABELS} labels, not {text!r}"
        )
    if field in {CAPTION, DESCRIPTION}:
        raise ConfigError(f"--field {name} is what --caption fills; give that")
    if field == CATEGORY and not labels:
        raise ConfigError("a category is not made up: give --field 'category=Shoes > Boots,Bags'")
    if UNKNOWN in map(fold, labels) or len(set(map(fold, labels))) < len(labels):
        raise ConfigError(f"labels of {name} must differ, and none may be called {UNKNOWN!r}")
    try:
        for label in labels or ("x",):
            tidy(Tag("any", field, label))
    except QueryError as error:
        raise ConfigError(f"--field {name}: {error}") from error
    return Field(field, labels)
