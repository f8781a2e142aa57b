-- Notes the fresh versions of records that are new.
insert into raw_heads
(tenant, resource, bill_id, version, content_hash, record_updated_at, bill_key)
select
    $tenant,
    $resource,
    bill_id,
    version,
    content_hash,
    record_updated_at,
    bill_key
from fresh
where version = 1
