-- Prepares a migrated file for a load: drops the indexes, which are created again at its end, and creates the table of
-- its progress.
drop index products_by_position;
drop index reviews_by_helpfulness;
drop index reviews_by_date;
drop index characteristics_by_product;
drop index questions_by_helpfulness;
drop index answers_by_id;
drop index answers_by_helpfulness;
create table load_progress (name text primary key, last_id integer not null) strict;
