-- Adds one unit and returns the new count. Parameters as in ../postgres.sql.
insert into cart_items (owner, sku_id, id, count, changed_on)
select $1, $2, (select coalesce(max(id), 0) + 1 from cart_items where owner = $1), 1, $3 / 86400000
where not exists (select 1 from idempotency_keys where scope = $4 and date > $6)
on conflict (owner, sku_id) do update
set count = count + 1, changed_on = excluded.changed_on
returning count
