-- Moves the watermark to the newest change of these records; it never goes back.
-- A change dated more than a day ahead of us is a clock gone wrong: it would hide all that follows.
insert into watermarks (tenant, resource, updated_to)
with newest as (
    select
        max(record_updated_at) as updated_to,
        $observed_at::timestamptz + interval 1 day as latest
    from incoming
)

select
    $tenant,
    $resource,
    if(updated_to > latest, latest, updated_to)
from newest
on conflict (resource) do update set
    updated_to = coalesce(greatest(updated_to, excluded.updated_to), updated_to, excluded.updated_to)
