-- Deletes the expired ones among them.
delete from interactions
where date < $1 and id in (
  select id
  from interactions
  where id >= $3
  order by id
  limit $4
)
