"""A type for the rows of one stream: decode a row into it, and it is checked; encode it, and it is a record.

What needs more than that is known beforehand, by field: times, fields that are left out, and *surprises*,
which are fields that the schema does not name, numbers or flags in place of text, empty texts or whole
objects in place of references. A row with a surprise that the type does not know does not fit.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tap_sevdesk.bookmark import read_time
from tap_sevdesk.cut import DEEPEST, too_deep
from tap_sevdesk.records import (
    ADDITIONAL,
    TIMES,
    TYPED,
    Conformer,
    as_sent,
    as_text,
    bare_reference,
    confidential,
    may_hold_confidential,
)
from tap_sevdesk.rows import OWNER, Number, Row, id_in, owner_in

encode = msgspec.json.Encoder(decimal_format="number").encode
"""Write a record as JSON, decimal numbers as numbers."""
decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode
"""Read a record from JSON, decimal numbers exactly."""

ANYTHING = ""
"""Stands among the parts of a field that may hold anything; no part that is looked at has this name."""
_Scalar = str | int | bool | None
_SIMPLE = frozenset({str, int, bool, type(None)})
_MOST_PARTS = 40
"""Parts of an object that are learned; one with more of them has data for names."""
_decode_any = msgspec.json.Decoder(Any, float_hook=Number).decode
_MOST_DIGITS = 4300
"""Digits of an integer that Python reads; only a longer content can hold one with more."""
_EASY_NAME = re.compile(r'[^"\\\x00-\x1f\x7f-\x9f]+')


def surprises_in(fields: Mapping[str, Any], conform: Conformer) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of a row that do not fit the type of a stream without surprises.

    With a reference come its parts that the schema does not name or that are no texts. With a field that the
    schema does not name come the parts of an object of simple values, and `ANYTHING` with all but that,
    simple values and lists of them.
    """
    for name, value in fields.items():
        kind = conform.kinds.get(name)
        if kind is None:
            if _EASY_NAME.fullmatch(name) and name != ADDITIONAL:
                yield name, _parts_of_unknown(value)
        elif kind == "reference" and isinstance(value, dict):
            strange = [
                part
                for part, content in value.items()
                if _EASY_NAME.fullmatch(part)
                and (part not in conform.parts[name] or not (content is None or content.__class__ is str))
            ]
            if strange:
                yield name, strange
        elif kind == "list" and isinstance(value, list):
            if any(item is not None and item.__class__ is not str for item in value):
                yield name, []
        elif (
            kind not in TYPED
            and value is not None
            and (value.__class__ is not str or kind in ("reference", "list"))
        ):
            yield name, []


def _parts_of_unknown(value: Any) -> list[str]:  # noqa: ANN401
    if value.__class__ in _SIMPLE or (
        isinstance(value, list) and all(each.__class__ in _SIMPLE for each in value)
    ):
        return []
    if (
        isinstance(value, dict)
        and value
        and all(
            _EASY_NAME.fullmatch(part) and not confidential(part) and content.__class__ in _SIMPLE
            for part, content in value.items()
        )
    ):
        return list(value)
    return [ANYTHING]


class RecordType:
    """What rows are decoded into. Decoding is faster, by a third, with fields in the order they are sent in.

    `order` names all fields, `surprises` those that are not as the schema says, with the strange parts of
    objects embedded in them.
    """

    def __init__(
        self,
        conform: Conformer,
        parent_field: str,
        order: Sequence[str],
        surprises: Mapping[str, Sequence[str]],
    ) -> None:
        self._conform = conform
        self._parent_field = parent_field
        self._times: list[tuple[str, str]] = []
        self._texts: list[str] = []
        self._references: list[tuple[str, str, _Embedded | None]] = []
        self._general: list[tuple[str, str]] = []
        self._left_out: list[str] = []
        self._unknown: list[tuple[str, str]] = []
        names = [name for name in order if name != "id" and (name in conform.kinds or name in surprises)]
        attributes = {name: f"f{index}" for index, name in enumerate(names)}
        fields: list[tuple[str, Any, Any]] = [
            (attribute, self._type_of(name, attribute, surprises.get(name)), UNSET)
            for name, attribute in attributes.items()
        ]
        identity: tuple[str, Any] = ("id", str | int if "id" in surprises else str)
        fields.append(("additional", _NEVER_SENT, None if conform.keeps_additional else UNSET))
        rename = {attribute: name for name, attribute in attributes.items()} | {"additional": ADDITIONAL}
        record = _struct("Record", [identity, *fields], rename)
        self._decode = msgspec.json.Decoder(record, float_hook=str).decode
        self._parent, self._owner = attributes.get(parent_field), attributes.get(OWNER)
        self._get_texts = _values(self._texts)
        self._get_references = _values([attribute for attribute, _, _ in self._references])
        self._get_unknown = _values([attribute for attribute, _ in self._unknown])
        self._is_odd = any((self._texts, self._references, self._general, self._left_out))

    def _type_of(self, name: str, attribute: str, strange: Sequence[str] | None) -> Any:  # noqa: ANN401, PLR0911
        """Return the type of a field, and note what is to be done with its values."""
        kind = self._conform.kinds.get(name)
        if kind is None:
            assert strange is not None  # noqa: S101  # what is unknown has been a surprise
            if confidential(name) or not self._conform.keeps_additional:
                self._left_out.append(attribute)
                return Raw
            self._unknown.append((attribute, name))
            if name in (self._parent_field, OWNER) or ANYTHING in strange or len(strange) > _MOST_PARTS:
                return Raw
            return _unknown_type(strange)
        if not self._conform.selected[name]:
            self._left_out.append(attribute)  # when its value has been looked at
            if kind != "time":
                return Raw
        parts = self._conform.parts.get(name, {})
        if kind in TYPED or not all(parts.values()) or (strange is not None and kind in ("time", "list")):
            self._general.append((attribute, name))
            return Raw
        if kind == "time":
            self._times.append((attribute, name))
            return str | None | UnsetType
        if kind == "list":
            return list[str | None] | None | UnsetType
        if kind == "text":
            if strange is None:
                return str | None | UnsetType
            self._texts.append(attribute)
            return Any
        if not strange:
            reference = _struct("Reference", [(part, str | None | UnsetType, UNSET) for part in parts], {})
            if strange is None:
                return reference | None | UnsetType
            self._references.append((attribute, name, None))
            return reference | _Scalar | list | UnsetType
        embedded = _Embedded(list(parts), strange)
        self._references.append((attribute, name, embedded))
        return embedded.type | _Scalar | list | UnsetType

    def row(self, sent: Raw) -> Row:  # in one piece: a call costs as much as a step
        """Make a row with its record encoded; a `ValidationError` if what was sent does not fit this type."""
        record = self._decode(sent)
        identity = record.id
        if identity.__class__ is not str:
            record.id = identity = str(identity)
        if not identity:
            msg = "a row without an id"
            raise msgspec.ValidationError(msg)
        parent = id_in(_reference(record, self._parent)) if self._parent else None
        owner = owner_in(_reference(record, self._owner)) if self._owner else None
        seconds: dict[str, int] = {}
        additional: dict[str, Any] = {}
        for attribute, name in self._times:
            value = getattr(record, attribute)
            if value.__class__ is str:
                moment = read_time(value)
                if moment is not None:
                    seconds[name], text = moment
                    setattr(record, attribute, text)
                else:
                    setattr(record, attribute, None)
                    if self._conform.selected[name]:
                        additional[name] = value
        if self._is_odd:
            self._convert(record, seconds, additional)
        if self._unknown:
            for (attribute, name), value in zip(self._unknown, self._get_unknown(record), strict=True):
                if value is not UNSET:
                    additional[name] = Raw(_checked(bytes(value))) if value.__class__ is Raw else value
                    setattr(record, attribute, UNSET)
        if additional and self._conform.keeps_additional:
            record.additional = additional
        return Row(identity, seconds.get("update"), parent, encode(record), seconds.get("create"), owner)

    def _convert(
        self,
        record: Any,  # noqa: ANN401
        seconds: dict[str, int],
        additional: dict[str, Any],
    ) -> None:
        """Convert the fields of a row that are not as the schema says, and drop those that are left out.

        Times that are found go into `seconds`, what fields cannot hold into `additional`.
        """
        for attribute, value in zip(self._texts, self._get_texts(record), strict=True):
            if value.__class__ is not str and value.__class__ in _TO_TEXT:
                setattr(record, attribute, _TO_TEXT[value.__class__](value))
        for (attribute, name, embedded), value in zip(
            self._references, self._get_references(record), strict=True
        ):
            if value.__class__ in _BARE:
                setattr(record, attribute, bare_reference(value))
            elif embedded and value.__class__ is embedded.type and (whole := embedded.reduce(value)):
                additional[name] = Raw(whole)
        for attribute, name in self._general:
            if (value := getattr(record, attribute)) is not UNSET:
                held, rest = self._conform.convert(name, content := _decode_any(value))
                setattr(record, attribute, held)
                if rest is not None and self._conform.selected[name]:
                    additional[name] = as_sent(rest)
                if held is not None and name in TIMES:
                    seconds[name] = read_time(content)[0]  # type: ignore[index]  # it has been held
        for attribute in self._left_out:
            setattr(record, attribute, UNSET)


def _reference(record: Any, attribute: str) -> Any:  # noqa: ANN401
    """Return a reference of a row before it is converted."""
    reference = getattr(record, attribute)
    return _decode_any(reference) if reference.__class__ is Raw else reference


def _unknown_type(parts: Sequence[str]) -> Any:  # noqa: ANN401
    """Return the type of a field that the schema does not name: simple values, lists or an object of such."""
    simple = _Scalar | list[_Scalar] | UnsetType
    if not parts:
        return simple
    names = {f"e{index}": part for index, part in enumerate(parts)}
    return _struct("Unknown", [(each, _Scalar | UnsetType, UNSET) for each in names], names) | simple


class _Embedded:
    """The type of an object embedded in place of a reference, with `strange` parts beside the usual ones.

    Those are parts that the schema does not name, and parts of a reference that are not always text.
    """

    def __init__(self, parts: Sequence[str], strange: Sequence[str]) -> None:
        usual = [(part, (_Scalar if part in strange else str | None) | UnsetType, UNSET) for part in parts]
        others = {f"e{index}": part for index, part in enumerate(strange) if part not in parts}
        raw = [(attribute, Raw, UNSET) for attribute in others]
        self.type = _struct("Embedded", [*usual, *raw], others)
        self._not_text = [part for part in parts if part in strange]
        self._confidential = [attribute for attribute, part in others.items() if confidential(part)]
        self._others = [each for each in others if each not in self._confidential]
        self._get_others = _values(self._others)
        self._no_others = (UNSET,) * len(self._others)

    def reduce(self, value: Any) -> bytes:  # noqa: ANN401
        """Leave only the reference of an object; return it as it was sent if it had other parts."""
        for attribute in self._confidential:
            setattr(value, attribute, UNSET)
        whole = b""
        if self._others and self._get_others(value) != self._no_others:
            whole = _checked(encode(value), 1)
            for attribute in self._others:
                setattr(value, attribute, UNSET)
        for part in self._not_text:
            content = getattr(value, part)
            if content.__class__ in _TO_TEXT:
                setattr(value, part, as_text(content))
        return whole


_TO_TEXT: Mapping[type, Callable[[Any], str | None]] = {
    int: str,
    bool: as_text,
    float: as_text,
    dict: as_text,
    list: as_text,
}
"""What makes text of values that are none; decimal numbers come as the text that was sent."""
_BARE = frozenset({str, int, bool, list})
_NEVER_SENT = Annotated[int, msgspec.Meta(gt=0, lt=1)]
"""No value is of this type: a field by the name of `additional_fields` does not fit."""


def _struct(
    name: str, fields: Sequence[tuple[str, Any] | tuple[str, Any, Any]], rename: Mapping[str, str]
) -> Any:  # noqa: ANN401
    return msgspec.defstruct(name, fields, rename=rename, forbid_unknown_fields=True, gc=False)


def _values(attributes: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gets all these attributes of an object at once: five times as fast as one by one."""
    if not attributes:
        return lambda _: ()
    get = operator.attrgetter(*attributes)
    return get if len(attributes) > 1 else lambda value: (get(value),)


def _checked(content: bytes, begin: int = 0) -> bytes:
    """Return a value as it was sent, on one line and without what is confidential in objects from `begin` on.

    Nobody has looked at it yet. Raises a `UnicodeDecodeError` for what is not UTF-8, and a `ValidationError`
    for what is nested too deeply or holds an integer of more digits than readers of JSON take.
    """
    if too_deep(content, DEEPEST - 1):
        msg = "a row nested too deeply"
        raise msgspec.ValidationError(msg)
    if len(content) > _MOST_DIGITS:
        _decode_any(content)
    if not content.isascii():
        content.decode()
    several_lines = b"\n" in content or b"\r" in content
    if several_lines or (content.find(b"{", begin) >= 0 and may_hold_confidential(content)):
        return encode(as_sent(_decode_any(content)))
    return content
