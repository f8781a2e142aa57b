-- Brings raw_heads up to the versions this run has appended.
merge into raw_heads as head
using (
    select * from raw_records
    where resource = $resource and tenant = $tenant and run_id = $run_id
    qualify row_number() over (partition by bill_id order by version desc) = 1
) as newest
on head.resource = newest.resource and head.bill_id = newest.bill_id
when matched and head.version <> newest.version then update set
    version = newest.version,
    content_hash = newest.content_hash,
    record_updated_at = newest.record_updated_at
when not matched then insert (tenant, resource, bill_id, version, content_hash, record_updated_at)
values (
    newest.tenant, newest.resource, newest.bill_id,
    newest.version, newest.content_hash, newest.record_updated_at
)
