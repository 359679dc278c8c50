-- Inserts the question and returns its id and its product. Parameters as in ../postgres.sql.
insert into questions (product_id, date, helpfulness, reported, body, asker_name, asker_email)
select id, $2, 0, false, $3, $4, $5
from products
where id = $1 and not exists (select 1 from idempotency_keys where scope = $6 and date > $8)
returning id, product_id
