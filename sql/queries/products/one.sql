-- A product with its features. $1 product.
select id, name, slogan, description, category, default_price, created_at, updated_at, features
from products
where id = $1
