-- Brings raw_heads up to the fresh versions.
merge into raw_heads as head
using fresh
on head.resource = $resource and head.bill_id = fresh.bill_id
when matched then update set
    version = fresh.version,
    content_hash = fresh.content_hash,
    record_updated_at = fresh.record_updated_at
when not matched then insert (tenant, resource, bill_id, version, content_hash, record_updated_at)
values (
    $tenant, $resource, fresh.bill_id, fresh.version, fresh.content_hash, fresh.record_updated_at
)
