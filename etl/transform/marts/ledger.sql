-- One row a dated event, sorted for one customer's history.
-- bill_rate: of an invoice's issue, what BILL says one unit of its currency was in US dollars.
create table snapshot.ledger as
select
    entry.*,
    invoice.exchange_rate as bill_rate
from ledger as entry
left join stg_invoices as invoice
    on invoice.invoice_id = entry.invoice_id and entry.event = 'invoice_issued'
order by entry.customer_id, entry.event_id
