-- Notes the fresh versions of records that are new.
insert into raw_heads (tenant, resource, bill_id, version, content_hash, record_updated_at)
select
    $tenant,
    $resource,
    bill_id,
    version,
    content_hash,
    record_updated_at
from fresh
where version = 1
