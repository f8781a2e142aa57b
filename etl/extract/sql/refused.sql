-- Notes that BILL did not give a list, in one row a resource.
insert into watermarks (tenant, resource, refused_at)
values ($tenant, $resource, $refused_at::timestamptz)
on conflict (resource) do update set refused_at = excluded.refused_at
