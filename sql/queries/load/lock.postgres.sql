-- Locks all tables that requests use. The statement gives up after the short lock_timeout of the session, so that it
-- does not fail the requests behind it, and is repeated.
lock table products, styles, characteristics, reviews, review_totals, questions, answers, cart_items, interactions,
  idempotency_keys, legacy_cart, store_facts in access exclusive mode
