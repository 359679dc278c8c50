-- The ids related to a product as served. $1 product.
select related
from products
where id = $1
