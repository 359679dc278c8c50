-- Everything that a request may touch. Taken all at once and given up soon (the session's lock_timeout is short, so the
-- requests in front are never the ones to fail), then tried again.
lock table products, styles, characteristics, reviews, review_totals, questions, answers, cart_items, interactions,
  idempotency_keys, legacy_cart, store_facts in access exclusive mode
