-- Whether there is any product, and the fact 'demo' when all rows are the demo catalogue.
select exists (select 1 from products), (select value from store_facts where name = 'demo')
