-- held: one row a record held that may be one of those that came, as its newest version.
-- Ids are not compared here, nor resources: looking at the numbers alone takes a tenth of the time.
create or replace temp table held as
select
    head.resource,
    head.bill_id,
    head.version,
    head.content_hash,
    head.record_updated_at
from raw_heads as head
semi join keyed using (bill_key)
