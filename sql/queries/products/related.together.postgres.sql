-- `related.sql` for several products at once, each row with its place among those asked for. $1 products.
-- For PostgreSQL alone: see `one.together.postgres.sql`.
select p.related, asked.place
from unnest(cast($1 as bigint[])) with ordinality asked (id, place)
join products p on p.id = asked.id
order by asked.place
