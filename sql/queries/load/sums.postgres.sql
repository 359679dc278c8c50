-- Adds up the characteristic values of all reviews that are not reported. Each dialect unpacks JSON in its own way.
update characteristics c
set value_sum = given.value_sum, value_count = given.value_count
from (
  select cast(v.key as bigint) as id, cast(sum(cast(v.value as bigint)) as bigint) as value_sum,
    count(*) as value_count
  from reviews, json_each_text(cast(characteristic_values as json)) as v
  where not reported
  group by 1
) given
where c.id = given.id
