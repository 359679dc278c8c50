-- Replaces the served tables by the loaded ones, in one transaction, under locks that were taken before.
do $$
declare
  statement text;
begin
  -- Grants on the loaded tables what is granted on the served ones.
  for statement in
    select format('grant %s on load_%s to %s', a.privilege_type, c.relname,
      case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
    from pg_class c, aclexplode(c.relacl) a
    where c.oid in ('products'::regclass, 'styles'::regclass, 'characteristics'::regclass, 'reviews'::regclass,
      'review_totals'::regclass, 'questions'::regclass, 'answers'::regclass, 'legacy_cart'::regclass)
      and a.grantee <> c.relowner
  loop
    execute statement;
  end loop;
end
$$;
drop table products, styles, characteristics, reviews, review_totals, questions, answers, legacy_cart;
alter table load_products rename to products;
alter table load_styles rename to styles;
alter table load_characteristics rename to characteristics;
alter table load_reviews rename to reviews;
alter table load_review_totals rename to review_totals;
alter table load_questions rename to questions;
alter table load_answers rename to answers;
alter table load_legacy_cart rename to legacy_cart;
alter index load_products_pkey rename to products_pkey;
alter index load_products_by_position rename to products_by_position;
alter index load_styles_pkey rename to styles_pkey;
alter index load_characteristics_pkey rename to characteristics_pkey;
alter index load_characteristics_by_product rename to characteristics_by_product;
alter index load_reviews_pkey rename to reviews_pkey;
alter index load_reviews_by_helpfulness rename to reviews_by_helpfulness;
alter index load_reviews_by_date rename to reviews_by_date;
alter index load_review_totals_pkey rename to review_totals_pkey;
alter index load_questions_pkey rename to questions_pkey;
alter index load_questions_by_helpfulness rename to questions_by_helpfulness;
alter index load_answers_pkey rename to answers_pkey;
alter index load_answers_by_id rename to answers_by_id;
alter index load_answers_by_helpfulness rename to answers_by_helpfulness;
alter index load_legacy_cart_pkey rename to legacy_cart_pkey;
drop table load_progress;
-- Keeps the compatibility of the schema.
delete from store_facts where name <> 'oldest_program';
-- Server 0 is a load; kind 0 invalidates everything.
insert into changes (origin, kind, subject) values (0, 0, 0);
