-- Notes that a list was read to its end.
-- $moves: the list was of changes, so everything up to the newest of them was read.
insert into watermarks (tenant, resource, updated_to, read_at, enumerated_at)
select
    $tenant,
    $resource,
    case when $moves then (
        select max(least(record_updated_at, $read_at::timestamptz + interval 1 day))
        from raw_heads
        where resource = $resource
    ) end,
    $read_at::timestamptz,
    case when $is_full then $read_at::timestamptz end
on conflict (resource) do update set
    updated_to = coalesce(greatest(updated_to, excluded.updated_to), updated_to, excluded.updated_to),
    read_at = excluded.read_at,
    enumerated_at = coalesce(excluded.enumerated_at, enumerated_at),
    enumerated_to = case when $is_full then null else enumerated_to end
