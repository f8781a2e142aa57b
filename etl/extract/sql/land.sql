-- Appends a version of every incoming record whose content is new.
-- A record older than the version held is a late page: it brings nothing.
insert into raw_records
with latest as (
    select * from incoming
    qualify row_number() over (partition by bill_id order by position desc) = 1
)
select
    $tenant,
    $resource,
    latest.bill_id,
    coalesce(head.version, 0) + 1,
    latest.content_hash,
    latest.record_updated_at,
    latest.payload,
    $observed_at,
    $run_id
from latest
left join raw_heads as head
    on head.resource = $resource and head.bill_id = latest.bill_id
where
    head.bill_id is null
    or (
        head.content_hash <> latest.content_hash
        and coalesce(latest.record_updated_at >= head.record_updated_at, true)
    )
order by latest.position
