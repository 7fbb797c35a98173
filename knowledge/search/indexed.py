"""How a model opts in to the search, and how its rows stay in the index.

The receivers registered here are the only signals of the house. Bulk writes send none: whoever makes
them calls `mark` inside an `indexing_batch`, and check_search proves that nobody forgot.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models.signals import post_delete, post_save

from knowledge.search.document import SearchDocument
from knowledge.search.index import Key, index, remove

CHUNK = 200  # objects read at a time


class Indexed:
    """Mixin of a model that can be found.

    `search_parts` are the related models whose rows are part of the document: (label, name of their
    foreign key to this model).
    """

    search_kind: ClassVar[str]
    search_parts: ClassVar[tuple[tuple[str, str], ...]] = ()

    @classmethod
    def searchable(cls) -> "models.QuerySet[Any]":
        """The objects that may be in the index, with all that `search_document` reads prefetched."""
        raise NotImplementedError

    def search_document(self) -> SearchDocument | None:
        """What the index holds of this object; None when nothing."""
        raise NotImplementedError


M = TypeVar("M", bound=type[Any])

_models: dict[str, Any] = {}  # kind to model
_dirty: ContextVar[dict[Key, None] | None] = ContextVar("dirty", default=None)


def register(model: M) -> M:
    """Keep the index in step with saves and deletes of a model and its parts; usable as a decorator."""
    kind = model.search_kind
    _models[kind] = model

    def own(sender: Any, instance: models.Model, raw: bool = False, **kwargs: Any) -> None:
        if not raw:
            _touch((kind, instance.pk))

    _connect(model, own, f"search {kind}")
    for label, name in model.search_parts:
        _connect(label, _part_receiver(kind, name), f"search {kind} {label}")
    return model


def _part_receiver(kind: str, name: str) -> Any:
    def part(sender: Any, instance: models.Model, raw: bool = False, **kwargs: Any) -> None:
        whole = getattr(instance, f"{name}_id")
        if not raw and whole is not None:
            _touch((kind, whole))

    return part


def _connect(sender: Any, receiver: Any, uid: str) -> None:
    for signal in (post_save, post_delete):
        signal.connect(receiver, sender=sender, dispatch_uid=uid, weak=False)


def registered() -> list[Any]:
    """The models that opted in, by kind."""
    return [_models[kind] for kind in sorted(_models)]


def mark(obj: Any) -> None:
    """Say that an object changed in a way no signal tells: reindexed at the end of the batch, or now."""
    _touch((obj.search_kind, obj.pk))


@contextmanager
def indexing_batch() -> Iterator[None]:
    """Reindex each object touched inside once, at the end, in the caller's transaction.

    After an exception nothing is indexed: the transaction around is rolled back. A batch inside a
    batch belongs to the outer one.
    """
    if _dirty.get() is not None:
        yield
        return
    dirty: dict[Key, None] = {}
    token = _dirty.set(dirty)
    try:
        yield
    finally:
        _dirty.reset(token)
    reindex(list(dirty))


def _touch(key: Key) -> None:
    dirty = _dirty.get()
    if dirty is None:
        reindex([key])
    else:
        dirty[key] = None


def reindex(keys: Sequence[Key]) -> None:
    """Make the index say what the database says of these objects: some are stored, the gone removed."""
    documents = list(documents_of(keys))
    index(documents)
    there = {(document.kind, document.object_id) for document in documents}
    for kind in dict.fromkeys(kind for kind, _ in keys):
        remove(kind, [pk for one, pk in keys if one == kind and (one, pk) not in there])


def documents_of(keys: Iterable[Key]) -> Iterator[SearchDocument]:
    """The documents of those of the keys that are to be found."""
    by_kind: dict[str, list[int]] = {}
    for kind, pk in keys:
        by_kind.setdefault(kind, []).append(pk)
    for kind, pks in by_kind.items():
        if kind in _models:
            for start in range(0, len(pks), CHUNK):
                yield from _documents(_models[kind].searchable().filter(pk__in=pks[start : start + CHUNK]))


def all_documents() -> Iterator[SearchDocument]:
    """Every document of every registered model, read in chunks."""
    for model in registered():
        yield from _documents(model.searchable().iterator(chunk_size=CHUNK))


def _documents(objects: Iterable[Indexed]) -> Iterator[SearchDocument]:
    for one in objects:
        if document := one.search_document():
            yield document
