-- Adds to the fields seen of a resource in how many records each came now.
insert into seen_fields (resource, field, times)
select $resource, unnest($names::varchar[]), unnest($times::bigint[])
on conflict (resource, field) do update set times = times + excluded.times
