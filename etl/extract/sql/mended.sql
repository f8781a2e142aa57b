-- Forgets what was wrong with records that came again: it is judged anew.
delete from broken_fields
where resource = $resource and list_contains($came::varchar[], bill_id)
