-- latest: one row an incoming record, as it was last in these pages.
create or replace temp table latest as
select
    bill_id,
    content_hash,
    record_updated_at,
    position,
    md5_number_lower(bill_id) as bill_key
from incoming
qualify row_number() over (partition by bill_id order by position desc) = 1
