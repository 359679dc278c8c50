-- On which day a line of a cart was last added to, in days since 1970, for the retention of carts. Lines that are there already
-- count from today. The table is made anew: SQLite adds no column whose default is an expression.
create table dated_cart_items (
  owner text not null,
  sku_id integer not null,
  id integer not null,
  count integer not null,
  changed_on integer not null default (unixepoch() / 86400),
  primary key (owner, sku_id)
) strict, without rowid;
insert into dated_cart_items (owner, sku_id, id, count)
select owner, sku_id, id, count from cart_items;
drop table cart_items;
alter table dated_cart_items rename to cart_items;
create index cart_items_by_owner on cart_items (owner, id);
create index cart_items_by_day on cart_items (changed_on);

-- Programs of schema 1 add lines with the default: they go on serving.
insert into store_facts (name, value) values ('oldest_program', '1')
on conflict (name) do update set value = excluded.value;
