-- Adds up the characteristic values of all reviews that are not reported. Each dialect unpacks JSON in its own way.
update characteristics
set value_sum = given.value_sum, value_count = given.value_count
from (
  select cast(v.key as integer) as id, sum(v.value) as value_sum, count(*) as value_count
  from reviews, json_each(characteristic_values) v
  where not reported
  group by 1
) given
where characteristics.id = given.id
