-- Hides a review. Returns its product, unless the review was already hidden. $1 review.
update reviews
set reported = true
where id = $1 and not reported
returning product_id
