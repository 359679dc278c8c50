-- The five nouns. A row is an answer: what is always served together is stored together, as the JSON text that is sent.
-- Times are milliseconds since 1970, money is in cents. Parents are checked by the statements that write (each insert
-- selects from its parent), so there are no foreign keys: they would lock the parent's row for every child once more.

create table products (
  id integer primary key,
  -- Dense, from 1, by ascending id: the page that begins at row n starts with position n + 1.
  position integer not null,
  default_price integer not null,
  created_at integer not null,
  updated_at integer not null,
  name text not null,
  slogan text not null,
  description text not null,
  category text not null,
  features text not null,
  related text not null
) strict;
create index products_by_position on products (position);

-- All styles of a product in one row.
create table styles (
  product_id integer primary key,
  results text not null
) strict;

-- `autoincrement`: an id is never handed out twice.
create table reviews (
  id integer primary key autoincrement,
  product_id integer not null,
  rating integer not null,
  date integer not null,
  helpfulness integer not null,
  recommend integer not null,
  reported integer not null,
  summary text not null,
  body text not null,
  reviewer_name text not null,
  reviewer_email text,
  response text,
  photos text not null,
  -- {"characteristic id": value}: what to take out of the sums when the review is reported.
  characteristic_values text not null
) strict;
create index reviews_by_helpfulness on reviews (product_id, helpfulness desc, id desc) where not reported;
create index reviews_by_date on reviews (product_id, date desc, id desc) where not reported;

-- Running figures of the reviews that are not reported; each write to a review changes them with it.
create table review_totals (
  product_id integer primary key,
  star_1 integer not null,
  star_2 integer not null,
  star_3 integer not null,
  star_4 integer not null,
  star_5 integer not null,
  recommend_no integer not null,
  recommend_yes integer not null
) strict;
create table characteristics (
  id integer primary key,
  product_id integer not null,
  value_sum integer not null,
  value_count integer not null,
  name text not null
) strict;
create index characteristics_by_product on characteristics (product_id, id);

-- `autoincrement`: an id is never handed out twice.
create table questions (
  id integer primary key autoincrement,
  product_id integer not null,
  date integer not null,
  helpfulness integer not null,
  reported integer not null,
  body text not null,
  asker_name text not null,
  asker_email text
) strict;
create index questions_by_helpfulness on questions (product_id, helpfulness desc, id desc) where not reported;

-- `autoincrement`: an id is never handed out twice.
create table answers (
  id integer primary key autoincrement,
  question_id integer not null,
  date integer not null,
  helpfulness integer not null,
  reported integer not null,
  body text not null,
  answerer_name text not null,
  answerer_email text,
  -- The same photos in the two shapes that are served: with ids, and as addresses alone.
  photos text not null,
  photo_urls text not null
) strict;
create index answers_by_id on answers (question_id, id) where not reported;
create index answers_by_helpfulness on answers (question_id, helpfulness desc, id) where not reported;

-- A line for each SKU in the cart of an owner, who is the SHA-256 of a token; `id` is the order of first putting in.
create table cart_items (
  owner text not null,
  sku_id integer not null,
  id integer not null,
  count integer not null,
  primary key (owner, sku_id)
) strict, without rowid;
create index cart_items_by_owner on cart_items (owner, id);

create table interactions (
  id integer primary key autoincrement,
  date integer not null,
  element text not null,
  widget text not null,
  time text not null
) strict;

-- Posts that were stored under an Idempotency-Key: `scope` is the SHA-256 of owner, route and key, `body` that of the
-- body.
create table idempotency_keys (
  scope text primary key,
  date integer not null,
  body text not null
) strict, without rowid;
create index idempotency_keys_by_date on idempotency_keys (date);

-- Rows of the old shop's cart.csv. They belong to no cart of the API.
create table legacy_cart (
  id integer primary key,
  product_id integer not null,
  active integer not null,
  user_session text not null
) strict;

-- What this store holds, for those who open it: 'demo' is there while its rows are the demo catalogue.
create table store_facts (
  name text primary key,
  value text not null
) strict;
