//! The peer's statements, one per route.

/// A statement; its number is its place in [`TEXTS`].
#[derive(Debug, Clone, Copy)]
pub(super) enum Query {
    Products,
    Product,
    Styles,
    Related,
    Reviews,
    Meta,
    Questions,
    Answers,
    AddReview,
    AddQuestion,
    AddAnswer,
    AddCartItem,
    AddInteraction,
    VoteReview,
    VoteQuestion,
    VoteAnswer,
    ReportReview,
}

/// The texts, in the order of [`Query`].
pub(super) const TEXTS: [&str; 17] = [
    // Products
    "select coalesce(json_agg(j), '[]')::text from (
     select json_build_object('id', id, 'campus', 'hr-rfp', 'name', name, 'slogan', slogan, 'description', description,
       'category', category, 'default_price', default_price::text, 'created_at', created_at, 'updated_at', updated_at) j
     from peer.products order by id limit $1 offset $2) x",
    // Product
    "select json_build_object('id', p.id, 'campus', 'hr-rfp', 'name', p.name, 'slogan', p.slogan,
       'description', p.description, 'category', p.category, 'default_price', p.default_price::text,
       'created_at', p.created_at, 'updated_at', p.updated_at, 'features', coalesce((
         select json_agg(json_build_object('feature', f.feature, 'value', f.value) order by f.id)
         from peer.features f where f.product_id = p.id), '[]'))::text
     from peer.products p where p.id = $1",
    // Styles
    "select json_build_object('product_id', $1::bigint::text, 'results', coalesce(json_agg(json_build_object(
       'style_id', s.id, 'name', s.name, 'original_price', s.original_price::text, 'sale_price', s.sale_price::text,
       'default?', s.is_default,
       'photos', (select coalesce(json_agg(json_build_object('thumbnail_url', p.thumbnail_url, 'url', p.url)
         order by p.id), '[]') from peer.photos p where p.style_id = s.id),
       'skus', (select coalesce(json_object_agg(k.id, json_build_object('quantity', k.quantity, 'size', k.size)), '{}')
         from peer.skus k where k.style_id = s.id)) order by s.id), '[]'))::text
     from peer.styles s where s.product_id = $1",
    // Related
    "select coalesce(json_agg(related_id order by id), '[]')::text from peer.related where product_id = $1",
    // Reviews
    "select json_build_object('product', $1::bigint::text, 'page', $3::bigint, 'count', $2::bigint,
       'results', coalesce(json_agg(j), '[]'))::text
     from (
       select json_build_object('review_id', r.id, 'rating', r.rating, 'summary', r.summary, 'recommend', r.recommend,
         'response', r.response, 'body', r.body, 'date', r.date, 'reviewer_name', r.name, 'helpfulness', r.helpfulness,
         'photos', (select coalesce(json_agg(json_build_object('id', p.id, 'url', p.url) order by p.id), '[]')
           from peer.review_photos p where p.review_id = r.id)) j
       from peer.reviews r where r.product_id = $1 and not r.reported
       order by case when $4::boolean then 0 else r.helpfulness end desc, case when $4 then r.date end desc, r.id desc
       limit $2 offset $3) x",
    // Meta. Means include the ratings of reported reviews: leaving them out would take one more join.
    "select json_build_object('product_id', $1::bigint::text,
       'ratings', json_strip_nulls(json_build_object('1', nullif(a.r1, 0)::text, '2', nullif(a.r2, 0)::text,
         '3', nullif(a.r3, 0)::text, '4', nullif(a.r4, 0)::text, '5', nullif(a.r5, 0)::text)),
       'recommended', json_build_object('false', a.f::text, 'true', a.t::text),
       'characteristics', (
         select coalesce(json_object_agg(c.name, json_build_object('id', c.id, 'value', c.v::text)), '{}')
         from (select c.id, c.name, avg(r.value) v
           from peer.characteristics c left join peer.ratings r on r.characteristic_id = c.id
           where c.product_id = $1 group by c.id) c))::text
     from (select count(*) filter (where rating = 1) r1, count(*) filter (where rating = 2) r2,
         count(*) filter (where rating = 3) r3, count(*) filter (where rating = 4) r4,
         count(*) filter (where rating = 5) r5, count(*) filter (where recommend) t,
         count(*) filter (where not recommend) f
       from peer.reviews where product_id = $1 and not reported) a",
    // Questions
    "select json_build_object('product_id', $1::bigint::text, 'results', coalesce(json_agg(j), '[]'))::text
     from (
       select json_build_object('question_id', q.id, 'question_body', q.body, 'question_date', q.date,
         'asker_name', q.name, 'question_helpfulness', q.helpfulness, 'reported', q.reported,
         'answers', (select coalesce(json_object_agg(a.id, json_build_object('id', a.id, 'body', a.body,
             'date', a.date, 'answerer_name', a.name, 'helpfulness', a.helpfulness,
             'photos', (select coalesce(json_agg(p.url order by p.id), '[]')
               from peer.answer_photos p where p.answer_id = a.id))), '{}')
           from peer.answers a where a.question_id = q.id and not a.reported)) j
       from peer.questions q where q.product_id = $1 and not q.reported
       order by q.helpfulness desc, q.id desc limit $2 offset $3) x",
    // Answers
    "select json_build_object('question', $1::bigint::text, 'page', $3::bigint, 'count', $2::bigint,
       'results', coalesce(json_agg(j), '[]'))::text
     from (
       select json_build_object('answer_id', a.id, 'body', a.body, 'date', a.date, 'answerer_name', a.name,
         'helpfulness', a.helpfulness, 'photos', (
           select coalesce(json_agg(json_build_object('id', p.id, 'url', p.url) order by p.id), '[]')
           from peer.answer_photos p where p.answer_id = a.id)) j
       from peer.answers a where a.question_id = $1 and not a.reported
       order by a.helpfulness desc, a.id limit $2 offset $3) x",
    // AddReview
    "with r as (
       insert into peer.reviews (product_id, rating, summary, body, recommend, name, email)
       values ($1, $2, $3, $4, $5, $6, $7) returning id
     ), p as (
       insert into peer.review_photos (review_id, url) select r.id, u from r, unnest($8::text[]) u
     ), c as (
       insert into peer.ratings (characteristic_id, review_id, value)
       select e.id, r.id, e.value from r, unnest($9::bigint[], $10::int[]) e (id, value)
     )
     select json_build_object('review_id', id)::text from r",
    // AddQuestion
    "insert into peer.questions (product_id, body, name, email) values ($1, $2, $3, $4) returning id::text",
    // AddAnswer
    "with a as (
       insert into peer.answers (question_id, body, name, email) values ($1, $2, $3, $4) returning id
     ), p as (
       insert into peer.answer_photos (answer_id, url) select a.id, u from a, unnest($5::text[]) u
     )
     select id::text from a",
    // AddCartItem
    "insert into peer.cart_items as i (owner, sku_id) values ($1, $2)
     on conflict (owner, sku_id) do update set count = i.count + 1 returning count::text",
    // AddInteraction
    "insert into peer.interactions (element, widget, time) values ($1, $2, $3) returning id::text",
    // VoteReview
    "update peer.reviews set helpfulness = helpfulness + 1 where id = $1 returning ''",
    // VoteQuestion
    "update peer.questions set helpfulness = helpfulness + 1 where id = $1 returning ''",
    // VoteAnswer
    "update peer.answers set helpfulness = helpfulness + 1 where id = $1 returning ''",
    // ReportReview
    "update peer.reviews set reported = true where id = $1 returning ''",
];
