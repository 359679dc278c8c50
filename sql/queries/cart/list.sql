-- The lines of an owner's cart in the order in which each SKU was first added. $1 owner, $2 limit.
select sku_id, count
from cart_items
where owner = $1
order by id
limit $2
