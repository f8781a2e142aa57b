-- Moves the watermark to the newest change of these records; it never goes back.
-- A change dated more than a day ahead of us is a clock gone wrong: it would hide all that follows.
insert into watermarks (tenant, resource, updated_to)
select
    $tenant,
    $resource,
    (
        select max(least(record_updated_at, $observed_at::timestamptz + interval 1 day))
        from incoming
    )
on conflict (resource) do update set
    updated_to = coalesce(greatest(updated_to, excluded.updated_to), updated_to, excluded.updated_to)
