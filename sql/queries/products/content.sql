-- Whether there is any product, and the value of the fact 'demo', which is null unless the rows are the demo catalogue.
select exists (select 1 from products), (select value from store_facts where name = 'demo')
