-- A page of products by ascending id, each with the number of all products; one row of nulls beside it when the page
-- is empty. $1 rows to skip, $2 rows at most.
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
