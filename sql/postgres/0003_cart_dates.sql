-- On which day a line of a cart was last added to, in days since 1970, for the retention of carts. A day, and not an instant:
-- within a day the indexed column keeps its value, so an update is HOT. Lines that are there already count from today.
alter table cart_items
  add column changed_on bigint not null default floor(extract(epoch from now()) / 86400)::bigint;
create index cart_items_by_day on cart_items (changed_on);

-- Programs of schema 2 add lines with the default: they go on serving.
insert into store_facts (name, value) values ('oldest_program', '2')
on conflict (name) do update set value = excluded.value;
