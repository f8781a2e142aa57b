-- fresh: one row a version to add, of every incoming record whose content is new.
-- A record older than the version held is a late page: it brings nothing.
create or replace temp table fresh as
with latest as (
    select bill_id, content_hash, record_updated_at, position from incoming
    qualify row_number() over (partition by bill_id order by position desc) = 1
)

select
    latest.bill_id,
    coalesce(head.version, 0) + 1 as version,
    latest.content_hash,
    latest.record_updated_at,
    latest.position
from latest
left join raw_heads as head
    on head.resource = $resource and head.bill_id = latest.bill_id
where
    head.bill_id is null
    or (
        head.content_hash <> latest.content_hash
        and coalesce(latest.record_updated_at >= head.record_updated_at, true)
    )
