-- `related.sql` for several products. $1 products. See `one.batch.postgres.sql`.
select p.related, requested.ordinal
from unnest(cast($1 as bigint[])) with ordinality requested (id, ordinal)
join products p on p.id = requested.id
order by requested.ordinal
