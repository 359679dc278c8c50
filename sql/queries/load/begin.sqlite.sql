-- A new file has all tables; what is not needed before its end goes, and what each table holds so far is kept.
drop index products_by_position;
drop index reviews_by_helpfulness;
drop index reviews_by_date;
drop index characteristics_by_product;
drop index questions_by_helpfulness;
drop index answers_by_id;
drop index answers_by_helpfulness;
create table load_progress (name text primary key, last_id integer not null, rows integer not null) strict;
