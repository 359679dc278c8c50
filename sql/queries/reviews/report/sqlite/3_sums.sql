-- Subtracts its values from the sums of the characteristics; an imported review may have several values for one
-- characteristic. $1 review.
update characteristics
set value_sum = characteristics.value_sum - given.value_sum, value_count = characteristics.value_count - given.value_count
from (
  select cast(v.key as integer) as id, sum(v.value) as value_sum, count(*) as value_count
  from json_each((select characteristic_values from reviews where id = $1)) v
  group by 1
) given
where characteristics.id = given.id
