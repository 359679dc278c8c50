-- `one.sql` for several products at once, each row with its place among those asked for. $1 products.
-- For PostgreSQL alone, where it spares all but one of them a round trip; SQLite has no arrays, and no way to save.
select p.id, p.name, p.slogan, p.description, p.category, p.default_price, p.created_at, p.updated_at, p.features,
  asked.place
from unnest(cast($1 as bigint[])) with ordinality asked (id, place)
join products p on p.id = asked.id
order by asked.place
