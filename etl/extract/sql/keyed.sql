-- keyed: one row an incoming record, with the number that is made of its id.
create or replace temp table keyed as
select
    bill_id,
    content_hash,
    record_updated_at,
    position,
    md5_number_lower(bill_id) as bill_key
from incoming
