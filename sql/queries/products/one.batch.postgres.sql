-- `one.sql` for several products. The last column is the ordinal of the product in $1, from 1. $1 products.
-- For PostgreSQL only, where a batch saves round trips; SQLite has neither arrays nor round trips.
select p.id, p.name, p.slogan, p.description, p.category, p.default_price, p.created_at, p.updated_at, p.features,
  requested.ordinal
from unnest(cast($1 as bigint[])) with ordinality requested (id, ordinal)
join products p on p.id = requested.id
order by requested.ordinal
