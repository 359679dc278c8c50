-- `styles.sql` for several products. $1 products. See `one.batch.postgres.sql`.
select s.results, requested.ordinal
from unnest(cast($1 as bigint[])) with ordinality requested (product_id, ordinal)
join styles s on s.product_id = requested.product_id
order by requested.ordinal
