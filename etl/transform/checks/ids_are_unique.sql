-- A row a record that is held twice: none may be.
select resource || ' ' || bill_id as subject, 'held ' || count(*) || ' times' as finding
from raw_heads
group by resource, bill_id
having count(*) > 1
order by subject
