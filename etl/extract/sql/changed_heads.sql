-- Notes the fresh versions of records held before.
update raw_heads as head set
    version = fresh.version,
    content_hash = fresh.content_hash,
    record_updated_at = fresh.record_updated_at
from fresh
where
    head.resource = $resource
    and head.bill_key = fresh.bill_key
    and head.bill_id = fresh.bill_id
    and fresh.version > 1
