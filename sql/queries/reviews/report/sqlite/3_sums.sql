-- Takes its values out of the sums of the characteristics. $1 review.
update characteristics
set value_sum = value_sum - v.value, value_count = value_count - 1
from json_each((select characteristic_values from reviews where id = $1)) v
where characteristics.id = cast(v.key as integer)
