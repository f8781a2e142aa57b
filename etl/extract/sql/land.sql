-- Appends the fresh versions.
insert into raw_records
select
    $tenant,
    $resource,
    fresh.bill_id,
    fresh.version,
    fresh.content_hash,
    fresh.record_updated_at,
    incoming.payload,
    $observed_at,
    $run_id
from incoming
inner join fresh using (position)
