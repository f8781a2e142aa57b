-- fresh: one row a version to add, of every incoming record whose content is new.
-- A record older than the version held is a late page: it brings nothing.
create or replace temp table fresh as
select
    latest.bill_id,
    latest.bill_key,
    coalesce(held.version, 0) + 1 as version,
    latest.content_hash,
    latest.record_updated_at,
    latest.position
from latest
left join held on held.bill_id = latest.bill_id and held.resource = $resource
where
    held.bill_id is null
    or (
        held.content_hash <> latest.content_hash
        and coalesce(latest.record_updated_at >= held.record_updated_at, true)
    )
