-- A page of products by ascending id. Each row has the number of all products; an empty page is one row with that
-- number and nulls. $1 offset, $2 limit.
select total.n, p.id, p.name, p.slogan, p.description, p.category, p.default_price, p.created_at, p.updated_at
from (select coalesce(max(position), 0) as n from products) total
left join (
  select position, id, name, slogan, description, category, default_price, created_at, updated_at
  from products
  where position > $1
  order by position
  limit $2
) p on true
order by p.position
