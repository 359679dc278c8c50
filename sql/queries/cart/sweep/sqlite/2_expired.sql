-- Deletes them.
delete from cart_items
where (owner, sku_id) in (
  select owner, sku_id
  from cart_items
  where changed_on < $1 / 86400000
  order by changed_on
  limit $2
)
