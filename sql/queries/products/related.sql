-- The ids of the related products as JSON text. $1 product.
select related
from products
where id = $1
