-- `styles.sql` for several products at once, each row with its place among those asked for. $1 products.
-- For PostgreSQL alone: see `one.together.postgres.sql`.
select s.results, asked.place
from unnest(cast($1 as bigint[])) with ordinality asked (product_id, place)
join styles s on s.product_id = asked.product_id
order by asked.place
