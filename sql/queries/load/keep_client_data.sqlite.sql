-- Copies carts, interactions and idempotency keys from the file that is replaced.
insert into main.cart_items select * from served.cart_items;
insert into main.interactions select * from served.interactions;
insert into main.idempotency_keys select * from served.idempotency_keys;
