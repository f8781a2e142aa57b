-- One row a dated event, sorted for one customer's history.
create table snapshot.ledger as
from ledger
order by customer_id, event_id
