-- One row an event that changed what an invoice holds of customers' money beyond what is owed: money
-- of invoices that are archived or dated later, and what is above an invoice's total, is in the
-- cash but meets no receivable.
create table snapshot.holdings as
select
    tenant,
    event_id,
    effective_on,
    customer_id,
    currency,
    invoice_id,
    held
from ledger
where held <> 0
order by event_id
