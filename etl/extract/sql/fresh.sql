-- fresh: one row a version to add, of every incoming record whose content is new.
-- A record older than the version held is a late page: it brings nothing.
create or replace temp table fresh as
select
    keyed.bill_id,
    keyed.bill_key,
    coalesce(held.version, 0) + 1 as version,
    keyed.content_hash,
    keyed.record_updated_at,
    keyed.position
from keyed
left join held on held.bill_id = keyed.bill_id and held.resource = $resource
where
    held.bill_id is null
    or (
        held.content_hash <> keyed.content_hash
        and coalesce(keyed.record_updated_at >= held.record_updated_at, true)
    )
