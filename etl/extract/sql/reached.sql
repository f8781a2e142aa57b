-- Notes how far a full read came, in one row a resource: the next one goes on from there.
insert into watermarks (tenant, resource, enumerated_to)
values ($tenant, $resource, $reached::timestamptz)
on conflict (resource) do update set enumerated_to = excluded.enumerated_to
