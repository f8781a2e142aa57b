-- fresh: one row a version to add, of every incoming record whose content is new.
-- A record older than the version held is a late page: it brings nothing.
create or replace temp table fresh as
with latest as (
    select bill_id, content_hash, record_updated_at, position from incoming
    qualify row_number() over (partition by bill_id order by position desc) = 1
),

held as (
    select bill_id, version, content_hash, record_updated_at
    from raw_heads
    where resource = $resource and bill_id in (select bill_id from latest)
)

select
    latest.bill_id,
    coalesce(held.version, 0) + 1 as version,
    latest.content_hash,
    latest.record_updated_at,
    latest.position
from latest
left join held using (bill_id)
where
    held.bill_id is null
    or (
        held.content_hash <> latest.content_hash
        and coalesce(latest.record_updated_at >= held.record_updated_at, true)
    )
