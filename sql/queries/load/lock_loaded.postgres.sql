-- Locks the loaded tables.
lock table load_products, load_styles, load_characteristics, load_reviews, load_review_totals, load_questions,
  load_answers, load_legacy_cart in access exclusive mode
