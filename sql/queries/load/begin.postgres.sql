-- Creates the tables that a load fills, without keys and indexes, and the table of its progress.
drop table if exists load_products, load_styles, load_characteristics, load_reviews, load_review_totals, load_questions,
  load_answers, load_legacy_cart, load_progress;
create table load_products (like products);
create table load_styles (like styles) with (toast_tuple_target = 8160);
create table load_characteristics (like characteristics) with (fillfactor = 80);
create table load_reviews (like reviews);
create table load_review_totals (like review_totals) with (fillfactor = 80);
create table load_questions (like questions);
create table load_answers (like answers);
create table load_legacy_cart (like legacy_cart);
create table load_progress (name text primary key, last_id bigint not null);
