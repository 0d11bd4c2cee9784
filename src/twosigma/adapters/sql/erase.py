"""Replies that nobody refers to any more."""

from collections.abc import Iterable

from sqlalchemy import BindParameter, bindparam, delete, exists, select

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import cache_nodes, chat_messages, replies

_BATCH = 500
_ids: BindParameter[int] = bindparam("ids", expanding=True)
_LOCK = select(replies.c.id).where(replies.c.id.in_(_ids)).order_by(replies.c.id).with_for_update()
_ERASE = delete(replies).where(
    replies.c.id.in_(_ids),
    ~exists().where(chat_messages.c.reply_id == replies.c.id),
    ~exists().where(cache_nodes.c.reply_id == replies.c.id),
)


async def erase_orphans(sql: Sql, reply_ids: Iterable[int | None]) -> None:
    """Delete those of these replies that no message and no node refers to.

    Locked first, in a statement of its own: a message that refers to one and commits while we
    wait for it is then seen by the deletion.
    """
    ids = sorted({each for each in reply_ids if each is not None})
    for at in range(0, len(ids), _BATCH):
        batch = ids[at : at + _BATCH]
        await sql.all(_LOCK, ids=batch)
        await sql.run(_ERASE, ids=batch)
