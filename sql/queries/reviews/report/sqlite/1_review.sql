-- Hides a review; its product comes back when it was not hidden before. $1 review.
update reviews
set reported = true
where id = $1 and not reported
returning product_id
