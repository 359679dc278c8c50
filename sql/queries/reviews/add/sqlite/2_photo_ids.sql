-- The ids of its photos, which begin with its own.
update reviews
set photos = replace(photos, $10, cast(id as text))
where id = last_insert_rowid() and photos <> '[]'
