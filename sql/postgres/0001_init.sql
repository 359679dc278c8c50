-- The five nouns. A row is an answer: what is always served together is stored together, as the JSON text that is sent.
-- Times are milliseconds since 1970, money is in cents. Parents are checked by the statements that write (each insert
-- selects from its parent), so there are no foreign keys: they would lock the parent's row for every child once more.

create table products (
  id bigint primary key,
  -- Dense, from 1, by ascending id: the page that begins at row n starts with position n + 1.
  position bigint not null,
  default_price bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  name text not null,
  slogan text not null,
  description text not null,
  category text not null,
  features text not null,
  related text not null
);
create index products_by_position on products (position);

-- All styles of a product in one row. It stays in the page up to 8 kB: a second look-up, or unpacking what is always
-- served whole, would cost more than the space.
create table styles (
  product_id bigint primary key,
  results text not null
) with (toast_tuple_target = 8160);

create sequence review_ids;
create table reviews (
  id bigint primary key,
  product_id bigint not null,
  rating bigint not null,
  date bigint not null,
  helpfulness bigint not null,
  recommend boolean not null,
  reported boolean not null,
  summary text not null,
  body text not null,
  reviewer_name text not null,
  reviewer_email text,
  response text,
  photos text not null,
  -- {"characteristic id": value}: what to take out of the sums when the review is reported.
  characteristic_values text not null
);
create index reviews_by_helpfulness on reviews (product_id, helpfulness desc, id desc) where not reported;
create index reviews_by_date on reviews (product_id, date desc, id desc) where not reported;

-- Running figures of the reviews that are not reported; each write to a review changes them with it.
create table review_totals (
  product_id bigint primary key,
  star_1 bigint not null,
  star_2 bigint not null,
  star_3 bigint not null,
  star_4 bigint not null,
  star_5 bigint not null,
  recommend_no bigint not null,
  recommend_yes bigint not null
) with (fillfactor = 80);
create table characteristics (
  id bigint primary key,
  product_id bigint not null,
  value_sum bigint not null,
  value_count bigint not null,
  name text not null
) with (fillfactor = 80);
create index characteristics_by_product on characteristics (product_id, id);

create sequence question_ids;
create table questions (
  id bigint primary key,
  product_id bigint not null,
  date bigint not null,
  helpfulness bigint not null,
  reported boolean not null,
  body text not null,
  asker_name text not null,
  asker_email text
);
create index questions_by_helpfulness on questions (product_id, helpfulness desc, id desc) where not reported;

create sequence answer_ids;
create table answers (
  id bigint primary key,
  question_id bigint not null,
  date bigint not null,
  helpfulness bigint not null,
  reported boolean not null,
  body text not null,
  answerer_name text not null,
  answerer_email text,
  -- The same photos in the two shapes that are served: with ids, and as addresses alone.
  photos text not null,
  photo_urls text not null
);
create index answers_by_id on answers (question_id, id) where not reported;
create index answers_by_helpfulness on answers (question_id, helpfulness desc, id) where not reported;

-- A line for each SKU in the cart of an owner, who is the SHA-256 of a token; `id` is the order of first putting in.
create sequence cart_item_ids;
create table cart_items (
  owner text not null,
  sku_id bigint not null,
  id bigint not null default nextval('cart_item_ids'),
  count bigint not null,
  primary key (owner, sku_id)
);
create index cart_items_by_owner on cart_items (owner, id);

create sequence interaction_ids;
create table interactions (
  id bigint primary key default nextval('interaction_ids'),
  date bigint not null,
  element text not null,
  widget text not null,
  time text not null
);

-- Posts that were stored under an Idempotency-Key: `scope` is the SHA-256 of owner, route and key, `body` that of the
-- body.
create table idempotency_keys (
  scope text primary key,
  date bigint not null,
  body text not null
);
create index idempotency_keys_by_date on idempotency_keys (date);

-- Rows of the old shop's cart.csv. They belong to no cart of the API.
create table legacy_cart (
  id bigint primary key,
  product_id bigint not null,
  active boolean not null,
  user_session text not null
);

-- What this store holds, for those who open it: 'demo' is there while its rows are the demo catalogue.
create table store_facts (
  name text primary key,
  value text not null
);
