-- One row a resource: when its changes, and all of it, were last read to the end, and how many of
-- its records are held.
create table snapshot.freshness as
with held as (
    select resource, count(*) as records from raw_heads group by resource
)

select
    watermark.tenant,
    watermark.resource,
    watermark.read_at,
    watermark.enumerated_at,
    coalesce(held.records, 0) as records
from watermarks as watermark
left join held using (resource)
order by watermark.resource
