-- Notes which records lack a field that figures need.
insert into broken_fields (resource, bill_id, field, seen_at)
select $resource, unnest($ids::varchar[]), unnest($fields::varchar[]), $seen_at::timestamptz
