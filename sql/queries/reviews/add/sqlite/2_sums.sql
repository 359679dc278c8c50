-- Adds its values to the sums of the characteristics.
update characteristics
set value_sum = value_sum + v.value, value_count = value_count + 1
from json_each((select characteristic_values from reviews where id = last_insert_rowid())) v
where characteristics.id = cast(v.key as integer)
