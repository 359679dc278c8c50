-- The styles of a product as JSON text; every product has a row. $1 product.
select results
from styles
where product_id = $1
