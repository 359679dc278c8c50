-- Inserts the review and returns its id and its product. Parameters as in ../postgres.sql.
insert into reviews (product_id, rating, date, helpfulness, recommend, reported, summary, body, reviewer_name,
  reviewer_email, response, photos, characteristic_values)
select p.id, $2, $3, 0, $6, false, $4, $5, $7, $8, null,
  -- The next id: the transaction holds the write lock, so no other writer takes it.
  replace($9, $10, cast(coalesce((select seq from sqlite_sequence where name = 'reviews'), 0) + 1 as text)), (
    select json_group_object(c.id, v.value)
    from characteristics c
    join json_each($11) v on cast(v.key as integer) = c.id
    where c.product_id = p.id
  )
from products p
where p.id = $1 and not exists (select 1 from idempotency_keys where scope = $13 and date > $15) and not exists (
  select 1
  from json_each($12) fault
  join characteristics c on c.id = cast(fault.value as integer) and c.product_id = p.id
)
returning id, product_id
