-- Inserts the interaction and returns a row. Parameters as in ../postgres.sql.
insert into interactions (date, element, widget, time)
select $1, $2, $3, $4
where not exists (select 1 from idempotency_keys where scope = $5 and date > $7)
returning id
