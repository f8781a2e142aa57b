-- A row a record that is held twice: none may be.
select
    resource || ' ' || bill_id as subject,
    'held ' || count(*) || ' times' as finding,
    case resource when 'invoices' then 'invoice/' || bill_id when 'customers' then 'customer/' || bill_id end
        as record
from raw_heads
group by resource, bill_id
having count(*) > 1
order by subject
